-- id: R64
-- name_zh: 平台模块上线率
-- name_en: Platform modules live
-- kind: ratio
-- unit: share
-- formula: live modules / 4, over communities
-- formula_zh: 各社区已上线的模块数 ÷ 4
-- threshold: none
-- better: up
-- rules: R64
-- source: speech R64
-- source_zh: 讲话 R64
SELECT c.community_code AS id, c.street_code, c.community_code, c.name_zh AS label, coalesce(m.live, 0) AS amount, 4 AS base
FROM communities c
LEFT JOIN (SELECT community_code, count(DISTINCT module) AS live FROM platform_modules WHERE live GROUP BY community_code) m
  ON m.community_code = c.community_code
WHERE c.valid_to IS NULL
