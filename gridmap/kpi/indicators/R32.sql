-- id: R32
-- name_zh: 四定达标率
-- name_en: Four fixings
-- kind: share
-- unit: share
-- formula: grids with an assignment in post that names grid, person, post and duty / grids
-- formula_zh: 定格、定人、定岗、定责齐全且在岗的网格数 ÷ 网格数
-- threshold: 1
-- better: up
-- rules: R32
-- source: speech R32
-- source_zh: 讲话 R32
SELECT grid_code AS id, street_code, community_code, grid_code,
  grid_code IN (SELECT grid_code FROM grid_assignments WHERE staff_id IS NOT NULL AND len(duties) > 0 AND (end_on IS NULL OR end_on > $as_of::DATE) AND (start_on IS NULL OR start_on <= $as_of::DATE)) AS hit
FROM grids
