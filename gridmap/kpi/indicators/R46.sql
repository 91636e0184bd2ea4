-- id: R46
-- name_zh: 事项牵头部门明确率
-- name_en: Matters with one lead department
-- kind: share
-- unit: share
-- formula: matter types with a lead department / matter types
-- formula_zh: 明确了牵头部门的事项类型数 ÷ 事项类型数
-- grp: class
-- threshold: 1
-- better: up
-- rules: R46
-- source: speech R46
-- source_zh: 讲话 R46
SELECT standard_ref || ' ' || matter_code AS id, class_code AS grp, name_zh AS label, default_dept_id IS NOT NULL AS hit
FROM matter_types
