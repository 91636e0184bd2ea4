-- id: K12
-- name_zh: 网格重叠
-- name_en: Grid overlap
-- kind: sum
-- unit: m²
-- formula: area shared by two grids, of every pair with more than 1 m²
-- formula_zh: 两个网格重叠的面积之和，每对重叠超过 1 平方米的计入
-- threshold: 0
-- better: down
-- rules: R27
-- source: speech R27
-- source_zh: 讲话 R27
WITH wrong AS MATERIALIZED (
  -- Where grids overlap, the edge of one of them runs through the other, or along it without being its edge. Only grids at such
  -- edges are laid over each other: in a sound coverage none, and laying all neighbours over each other takes a minute in a city.
  SELECT edge FROM (SELECT unnest(ST_Dump(ST_CoverageInvalidEdges_Agg(geom))).geom AS edge FROM grids) WHERE NOT ST_IsEmpty(edge)
), flat AS MATERIALIZED (
  SELECT grid_code, any_value(street_code) AS street_code, any_value(community_code) AS community_code,
    ST_Transform(any_value(geom), 'EPSG:4490', $metric, always_xy := true) AS shape
  FROM grids JOIN wrong ON ST_Intersects(geom, edge) GROUP BY grid_code
), pairs AS MATERIALIZED (
  SELECT a.grid_code || ' ' || b.grid_code AS id, a.street_code, a.community_code, a.grid_code,
    ST_Area(ST_Intersection(a.shape, b.shape)) AS amount
  FROM flat a JOIN flat b ON ST_Intersects(a.shape, b.shape)
  WHERE a.grid_code < b.grid_code AND NOT ST_Touches(a.shape, b.shape)
)
SELECT * FROM pairs WHERE amount > 1
