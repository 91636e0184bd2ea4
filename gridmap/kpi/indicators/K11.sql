-- id: K11
-- name_zh: 网格覆盖率
-- name_en: Grid cover
-- kind: ratio
-- unit: share
-- formula: area of the union of the grids / area of the street; a difference within 1 m2 is none
-- formula_zh: 网格合并后的面积 ÷ 街道面积；相差不足 1 平方米的视为一致
-- threshold: 1
-- better: up
-- rules: R27
-- source: speech R27
-- source_zh: 讲话 R27
WITH flat AS NOT MATERIALIZED (
  SELECT street_code, ST_Transform(geom, 'EPSG:4490', $metric, always_xy := true) AS shape, street_code IN (SELECT street_code FROM torn) AS is_torn FROM grids
), covered AS (  -- where no grid lies over another, the area of their union is the sum of their areas
  SELECT street_code, sum(ST_Area(shape)) AS m2 FROM flat WHERE NOT is_torn GROUP BY street_code
  UNION ALL
  SELECT street_code, ST_Area(ST_Union_Agg(shape)) FROM flat WHERE is_torn GROUP BY street_code
)
SELECT s.street_code AS id, s.street_code, s.name_zh AS label, CASE WHEN abs(u.m2 - s.m2) <= 1 THEN s.m2 ELSE coalesce(u.m2, 0) END AS amount, s.m2 AS base
FROM (
  SELECT *, ST_Area(ST_Transform(geom, 'EPSG:4490', $metric, always_xy := true)) AS m2 FROM streets WHERE geom IS NOT NULL AND valid_to IS NULL
) s
LEFT JOIN covered u ON u.street_code = s.street_code
