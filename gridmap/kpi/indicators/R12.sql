-- id: R12
-- name_zh: 微单元楼门长配备率
-- name_en: Micro units with a leader
-- kind: share
-- unit: share
-- formula: micro units with a building leader / micro units
-- formula_zh: 配有楼门长的微单元数 ÷ 微单元数
-- threshold: none
-- better: up
-- rules: R12
-- source: speech R12
-- source_zh: 讲话 R12
SELECT m.micro_unit_id AS id, g.street_code, g.community_code, m.grid_code, m.leader_staff_id IS NOT NULL AS hit
FROM micro_units m LEFT JOIN grids g ON g.grid_code = m.grid_code
