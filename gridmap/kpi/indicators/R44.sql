-- id: R44
-- name_zh: 综合执法联动接入率
-- name_en: Parties connected
-- kind: share
-- unit: share
-- formula: departments and utilities connected / the eight departments and four utilities of each sub-district
-- formula_zh: 已接入的部门和单位数 ÷ 每个街道应接入的八个部门、四家公用企业
-- grp: department
-- threshold: none
-- better: up
-- rules: R44
-- source: speech R44
-- source_zh: 讲话 R44
SELECT s.street_code || ' ' || d.dept_id AS id, s.street_code, d.dept_id AS grp, d.name_zh AS label,
  (s.street_code, d.dept_id) IN (SELECT (street_code, dept_id) FROM party_contacts WHERE connected) AS hit
FROM streets s CROSS JOIN departments d
WHERE s.valid_to IS NULL AND d.dept_role IN ('enforcement', 'utility')
