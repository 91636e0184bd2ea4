-- id: K23
-- name_zh: 每百户服务面积
-- name_en: Floor area per 100 households
-- kind: ratio
-- unit: m² per 100 households
-- formula: 100 × floor area of the community's centres / its households
-- formula_zh: 100 × 社区党群服务中心面积 ÷ 社区户数
-- threshold: 30
-- better: up
-- rules: 
-- source: rules of Longnan (at least 30)
-- source_zh: 陇南市办法（不低于 30）
SELECT c.community_code AS id, c.street_code, c.community_code, c.name_zh AS label, 100 * coalesce(s.m2, 0) AS amount, c.households AS base
FROM communities c
LEFT JOIN (SELECT community_code, sum(floor_area_m2) AS m2 FROM service_centres WHERE centre_level = 'community' GROUP BY 1) s
  ON s.community_code = c.community_code
WHERE c.valid_to IS NULL AND c.households > 0
