-- id: R30
-- name_zh: 网格长由社区书记担任率
-- name_en: Grids headed by the community's secretary
-- kind: share
-- unit: share
-- formula: grids whose head in post is the secretary of their community / grids; a vacant post does not pass
-- formula_zh: 网格长由所在社区书记担任的网格数 ÷ 网格数；空缺视为未达到
-- threshold: 1
-- better: up
-- rules: R30
-- source: speech R30
-- source_zh: 讲话 R30
SELECT g.grid_code AS id, g.street_code, g.community_code, g.grid_code,
  c.party_secretary_staff_id IS NOT NULL AND (g.grid_code, c.party_secretary_staff_id) IN (
    SELECT (grid_code, staff_id) FROM grid_assignments WHERE post = 'grid_head' AND staff_id IS NOT NULL AND (end_on IS NULL OR end_on > $as_of::DATE) AND (start_on IS NULL OR start_on <= $as_of::DATE)) AS hit
FROM grids g JOIN communities c ON c.community_code = g.community_code
