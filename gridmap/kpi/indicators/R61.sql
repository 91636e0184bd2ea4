-- id: R61
-- name_zh: 志愿服务覆盖率
-- name_en: People served by volunteers
-- kind: ratio
-- unit: share
-- formula: people served / people listed, by group; counts only, no names
-- formula_zh: 服务人数 ÷ 登记人数，按对象类别；只计人数，不列姓名
-- grp: group
-- threshold: none
-- better: up
-- rules: R61
-- source: speech R61
-- source_zh: 讲话 R61
SELECT v.service_id AS id, c.street_code, v.community_code, v.client_group AS grp, v.hours,
  coalesce(v.served, 0) AS amount, v.listed AS base
FROM volunteering v LEFT JOIN communities c ON c.community_code = v.community_code
WHERE v.listed > 0
