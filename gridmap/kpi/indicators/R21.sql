-- id: R21
-- name_zh: 物业企业信用等级
-- name_en: Credit grades of property companies
-- kind: mix
-- unit: share
-- formula: companies of a grade / companies
-- formula_zh: 各信用等级企业数 ÷ 物业企业数
-- grp: grade
-- threshold: none
-- rules: R21
-- source: speech R21
-- source_zh: 讲话 R21
SELECT p.property_company_id AS id, w.street_code, w.community_code, p.name_zh AS label, p.full_party_members, p.employees, p.credit_grade AS grp
FROM property_companies p
LEFT JOIN (
  SELECT property_company_id, mode(community_code) AS community_code, mode(community_code)[:9] AS street_code
  FROM compounds GROUP BY property_company_id
) w ON w.property_company_id = p.property_company_id
