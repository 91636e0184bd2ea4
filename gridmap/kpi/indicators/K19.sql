-- id: K19
-- name_zh: 一人多格
-- name_en: One worker, many grids
-- kind: count
-- unit: people
-- formula: full-time workers in post on more than one grid
-- formula_zh: 在一个以上网格在岗的专职网格员人数
-- threshold: 0
-- better: down
-- rules: R32
-- source: speech R32
-- source_zh: 讲话 R32
SELECT a.staff_id AS id, count(DISTINCT a.grid_code) AS amount, min(g.street_code) AS street_code, min(g.community_code) AS community_code,
  string_agg(DISTINCT a.grid_code, ' ' ORDER BY a.grid_code) AS label
FROM grid_assignments a JOIN grids g ON g.grid_code = a.grid_code
WHERE a.post = 'full_time' AND a.staff_id IS NOT NULL AND (end_on IS NULL OR end_on > $as_of::DATE) AND (start_on IS NULL OR start_on <= $as_of::DATE)
GROUP BY a.staff_id HAVING count(DISTINCT a.grid_code) > 1
