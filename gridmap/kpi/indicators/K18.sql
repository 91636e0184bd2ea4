-- id: K18
-- name_zh: 专职网格员配备率
-- name_en: Full-time staffing
-- kind: share
-- unit: share
-- formula: grids with at least one full-time worker in post / grids; a vacant post does not count
-- formula_zh: 至少有一名在岗专职网格员的网格数 ÷ 网格数；空缺不计
-- threshold: 1
-- better: up
-- rules: R31
-- source: speech R31 (floor of 1 inferred)
-- source_zh: 讲话 R31（每格至少一名为推定）
SELECT grid_code AS id, street_code, community_code, grid_code,
  grid_code IN (SELECT grid_code FROM grid_assignments WHERE post = 'full_time' AND staff_id IS NOT NULL AND (end_on IS NULL OR end_on > $as_of::DATE) AND (start_on IS NULL OR start_on <= $as_of::DATE)) AS hit
FROM grids
