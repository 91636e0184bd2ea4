-- id: K18
-- name_zh: 专职网格员配备率
-- name_en: Full-time staffing
-- kind: share
-- unit: share
-- formula: grids with at least one full-time worker in post / grids; a vacant post does not count
-- threshold: 1
-- better: up
-- rules: R31
-- source: speech R31 (floor of 1 inferred)
SELECT grid_code AS id, street_code, community_code, grid_code,
  grid_code IN (SELECT grid_code FROM grid_assignments WHERE post = 'full_time' AND staff_id IS NOT NULL AND (end_on IS NULL OR end_on > $as_of::DATE) AND (start_on IS NULL OR start_on <= $as_of::DATE)) AS hit
FROM grids
