-- id: R43
-- name_zh: 每万人下沉执法人员
-- name_en: Enforcement staff per 10,000 people
-- kind: ratio
-- unit: people per 10,000
-- formula: 10,000 × enforcement staff in post on the street's grids / residents of the street
-- formula_zh: 10000 × 在街道各网格在岗的执法人员数 ÷ 街道常住人口
-- threshold: none
-- better: up
-- rules: R43
-- source: speech R43
-- source_zh: 讲话 R43
SELECT a.staff_id AS id, min(g.street_code) AS street_code, 10000 AS amount, 0 AS base
FROM grid_assignments a JOIN grids g ON g.grid_code = a.grid_code
WHERE a.post = 'enforcement' AND a.staff_id IS NOT NULL AND (end_on IS NULL OR end_on > $as_of::DATE) AND (start_on IS NULL OR start_on <= $as_of::DATE)
GROUP BY a.staff_id
UNION ALL BY NAME
SELECT 'people ' || community_code AS id, street_code, 0 AS amount, resident_population AS base
FROM communities WHERE valid_to IS NULL AND resident_population > 0
