-- id: K24
-- name_zh: 物业企业党组织组建率
-- name_en: Party organisation in property companies
-- kind: share
-- unit: share
-- formula: companies with a Party organisation / companies with at least property_org_members full members
-- formula_zh: 建有党组织的企业数 ÷ 正式党员达到规定人数的物业企业数
-- threshold: 1
-- better: up
-- settings: property_org_members
-- rules: R22 R24
-- source: speech R22
-- source_zh: 讲话 R22
SELECT p.property_company_id AS id, w.street_code, w.community_code, p.name_zh AS label, p.full_party_members, p.employees, coalesce(p.has_party_org, false) AS hit
FROM property_companies p
LEFT JOIN (
  SELECT property_company_id, mode(community_code) AS community_code, mode(community_code)[:9] AS street_code
  FROM compounds GROUP BY property_company_id
) w ON w.property_company_id = p.property_company_id
WHERE p.full_party_members >= setting('property_org_members')
