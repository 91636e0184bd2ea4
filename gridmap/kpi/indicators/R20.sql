-- id: R20
-- name_zh: 物业党建三同步完成率
-- name_en: Three synchronisations done
-- kind: share
-- unit: share
-- formula: companies with registration, supervision and appraisal all done / companies
-- formula_zh: 登记备案、日常监管、考核评价均已完成的企业数 ÷ 物业企业数
-- threshold: none
-- better: up
-- rules: R20
-- source: speech R20
-- source_zh: 讲话 R20
SELECT p.property_company_id AS id, w.street_code, w.community_code, p.name_zh AS label, p.full_party_members, p.employees, coalesce(p.sync_registered AND p.sync_supervised AND p.sync_appraised, false) AS hit
FROM property_companies p
LEFT JOIN (
  SELECT property_company_id, mode(community_code) AS community_code, mode(community_code)[:9] AS street_code
  FROM compounds GROUP BY property_company_id
) w ON w.property_company_id = p.property_company_id
