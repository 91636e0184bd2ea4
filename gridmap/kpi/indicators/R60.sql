-- id: R60
-- name_zh: 社会组织项目资金
-- name_en: Money for projects of social organisations
-- kind: sum
-- unit: CNY
-- formula: Σ amount, by the way it is given
-- formula_zh: 项目资金之和，按资助方式
-- grp: mode
-- threshold: none
-- rules: R60
-- source: speech R60
-- source_zh: 讲话 R60
SELECT p.project_id AS id, c.street_code, p.community_code, p.mode AS grp, p.organisation_zh AS label, p.amount_cny AS amount
FROM social_projects p LEFT JOIN communities c ON c.community_code = p.community_code
