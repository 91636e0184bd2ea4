-- id: R41
-- name_zh: 巡查轨迹在格率
-- name_en: Patrols inside their own grid
-- kind: ratio
-- unit: share
-- formula: length of tracks inside the patroller's grid / length of tracks
-- formula_zh: 巡查轨迹落在本人网格内的长度 ÷ 巡查轨迹长度
-- grp: person
-- threshold: none
-- better: up
-- rules: R41
-- source: speech R41
-- source_zh: 讲话 R41
WITH flat AS MATERIALIZED (
  SELECT grid_code, street_code, community_code, ST_Transform(geom, 'EPSG:4490', $metric, always_xy := true) AS shape FROM grids
), walked AS (
  SELECT p.patrol_id, p.started_at, g.street_code, g.community_code, p.grid_code, p.staff_id, g.shape,
    ST_Transform(p.track, 'EPSG:4490', $metric, always_xy := true) AS line
  FROM patrols p JOIN flat g ON g.grid_code = p.grid_code
  WHERE p.track IS NOT NULL
)
SELECT patrol_id AS id, started_at AS happened, street_code, community_code, grid_code, staff_id AS grp,
  ST_Length(ST_Intersection(line, shape)) AS amount, ST_Length(line) AS base
FROM walked
WHERE ST_Length(line) > 0
