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
WITH flat AS MATERIALIZED (
  SELECT grid_code, street_code, community_code, ST_Transform(geom, 'EPSG:4490', $metric, always_xy := true) AS shape
  FROM grids WHERE grid_code IN (SELECT grid_code FROM torn)
), pairs AS MATERIALIZED (
  SELECT a.grid_code || ' ' || b.grid_code AS id, a.street_code, a.community_code, a.grid_code,
    ST_Area(ST_Intersection(a.shape, b.shape)) AS amount
  FROM flat a JOIN flat b ON ST_Intersects(a.shape, b.shape)
  WHERE a.grid_code < b.grid_code AND NOT ST_Touches(a.shape, b.shape)
)
SELECT * FROM pairs WHERE amount > 1
