-- id: K11
-- name_zh: 网格覆盖率
-- name_en: Grid cover
-- kind: ratio
-- unit: share
-- formula: area of the union of the grids / area of the street
-- threshold: 1
-- better: up
-- rules: R27
-- source: speech R27, S29
SELECT s.street_code AS id, s.street_code, s.name_zh AS label, coalesce(u.m2, 0) AS amount,
  ST_Area(ST_Transform(s.geom, 'EPSG:4490', $metric, always_xy := true)) AS base
FROM streets s
LEFT JOIN (
  SELECT street_code, ST_Area(ST_Union_Agg(ST_Transform(geom, 'EPSG:4490', $metric, always_xy := true))) AS m2
  FROM grids GROUP BY street_code
) u ON u.street_code = s.street_code
WHERE s.geom IS NOT NULL AND s.valid_to IS NULL
