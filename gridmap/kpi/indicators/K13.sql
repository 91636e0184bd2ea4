-- id: K13
-- name_zh: 跨社区网格
-- name_en: Grids across communities
-- kind: count
-- unit: grids
-- formula: grids with more than 1 m² outside the community their code names
-- formula_zh: 有 1 平方米以上落在编码所示社区之外的网格数
-- threshold: 0
-- better: down
-- rules: R27
-- source: speech R27
-- source_zh: 讲话 R27
WITH ground AS (
  SELECT community_code, geom FROM communities WHERE geom IS NOT NULL
), whole AS (  -- what a sound community's grids have outside it together no grid can exceed alone
  SELECT community_code, ST_CoverageUnion_Agg(geom) AS geom FROM grids
  WHERE community_code NOT IN (SELECT community_code FROM torn) GROUP BY community_code
), looked_at AS MATERIALIZED (
  SELECT w.community_code FROM whole w JOIN ground c ON c.community_code = w.community_code
  WHERE ST_Area(ST_Transform(ST_Difference(w.geom, c.geom), 'EPSG:4490', $metric, always_xy := true)) > 1
  UNION SELECT community_code FROM torn
), measured AS MATERIALIZED (
  SELECT g.grid_code AS id, g.street_code, g.community_code, g.grid_code,
    ST_Area(ST_Transform(ST_Difference(g.geom, c.geom), 'EPSG:4490', $metric, always_xy := true)) AS outside_m2
  FROM grids g JOIN ground c ON c.community_code = g.community_code
  WHERE g.community_code IN (SELECT community_code FROM looked_at)
)
SELECT * FROM measured WHERE outside_m2 > 1
