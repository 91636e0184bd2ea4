-- id: R07
-- name_zh: 部门方案印发率
-- name_en: Departments' plans issued
-- kind: share
-- unit: share
-- formula: departments that have issued their plan / the ten named
-- formula_zh: 已印发方案的部门数 ÷ 讲话点名的十个部门
-- threshold: 1
-- better: up
-- rules: R07
-- source: speech R07
-- source_zh: 讲话 R07
SELECT d.dept_id AS id, d.name_zh AS label,
  d.dept_id IN (SELECT dept_id FROM dept_plans WHERE issued_on <= $as_of::DATE) AS hit
FROM departments d
WHERE d.dept_id IN ('zhujian', 'fagai', 'gongan', 'minzheng', 'caizheng', 'renshe', 'chengguan', 'shuiwu', 'shichang', 'shenpi')
