-- id: R34
-- name_zh: 微单元归格率
-- name_en: Micro units in a grid
-- kind: share
-- unit: share
-- formula: micro units whose grid is in force / micro units
-- threshold: 1
-- better: up
-- rules: R34
-- source: speech R34
SELECT m.micro_unit_id AS id, g.street_code, g.community_code, m.grid_code, g.grid_code IS NOT NULL AS hit
FROM micro_units m LEFT JOIN grids g ON g.grid_code = m.grid_code
