-- id: R65
-- name_zh: 智慧设施在线率
-- name_en: Smart facilities online
-- kind: ratio
-- unit: share
-- formula: facilities online / facilities installed, by kind
-- formula_zh: 在线设施数 ÷ 已安装设施数，按类别
-- grp: facility
-- threshold: none
-- better: up
-- rules: R65
-- source: speech R65
-- source_zh: 讲话 R65
SELECT s.sensor_id AS id, c.street_code, s.community_code, s.kind AS grp, coalesce(s.online, 0) AS amount, s.installed AS base
FROM sensors s LEFT JOIN communities c ON c.community_code = s.community_code
WHERE s.installed > 0
