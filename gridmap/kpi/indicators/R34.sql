-- id: R34
-- name_zh: 微单元归格率
-- name_en: Micro units in a grid
-- kind: share
-- unit: share
-- formula: micro units whose grid is in force / micro units
-- formula_zh: 所属网格为现行网格的微单元数 ÷ 微单元数
-- threshold: 1
-- better: up
-- rules: R34
-- source: speech R34
-- source_zh: 讲话 R34
SELECT m.micro_unit_id AS id, g.street_code, g.community_code, m.grid_code, g.grid_code IS NOT NULL AS hit
FROM micro_units m LEFT JOIN grids g ON g.grid_code = m.grid_code
