-- id: K25
-- name_zh: 50人以上物业企业有党员率
-- name_en: Members in companies of 50 and more
-- kind: share
-- unit: share
-- formula: companies with a full member / companies with at least property_member_employees employees
-- formula_zh: 有正式党员的企业数 ÷ 职工达到规定人数的物业企业数
-- threshold: 1
-- better: up
-- settings: property_member_employees
-- rules: R23
-- source: speech R23
-- source_zh: 讲话 R23
SELECT p.property_company_id AS id, w.street_code, w.community_code, p.name_zh AS label, p.full_party_members, p.employees, coalesce(p.full_party_members >= 1, false) AS hit
FROM property_companies p
LEFT JOIN (
  SELECT property_company_id, mode(community_code) AS community_code, mode(community_code)[:9] AS street_code
  FROM compounds GROUP BY property_company_id
) w ON w.property_company_id = p.property_company_id
WHERE p.employees >= setting('property_member_employees')
