-- id: R08
-- name_zh: 督查整改率
-- name_en: Findings put right
-- kind: share
-- unit: share
-- formula: findings corrected / findings
-- formula_zh: 已整改的问题数 ÷ 督查发现的问题数
-- threshold: none
-- better: up
-- rules: R08
-- source: speech R08
-- source_zh: 讲话 R08
SELECT inspection_id AS id, street_code, community_code, name_zh AS label, found_on, due_on, corrected_on,
  corrected_on IS NOT NULL AS hit
FROM inspections
