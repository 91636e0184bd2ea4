-- id: R25
-- name_zh: 物业服务质量得分
-- name_en: Quality of property service
-- kind: ratio
-- unit: points
-- formula: property_weight_satisfaction × owners' satisfaction + property_weight_party × the Party organisations' score, mean over companies
-- formula_zh: 满意度权重 × 业主满意度 ＋ 党组织评价权重 × 党组织评分，取各企业平均
-- threshold: none
-- better: up
-- settings: property_weight_satisfaction property_weight_party
-- blank: no figure: the weights are not set
-- rules: R25
-- source: speech R25
-- source_zh: 讲话 R25
SELECT p.property_company_id AS id, w.street_code, w.community_code, p.name_zh AS label, p.full_party_members, p.employees, 1 AS base, setting('property_weight_satisfaction') * p.owner_satisfaction + setting('property_weight_party') * p.party_org_score AS amount
FROM property_companies p
LEFT JOIN (
  SELECT property_company_id, mode(community_code) AS community_code, mode(community_code)[:9] AS street_code
  FROM compounds GROUP BY property_company_id
) w ON w.property_company_id = p.property_company_id
WHERE p.owner_satisfaction IS NOT NULL AND p.party_org_score IS NOT NULL
  AND setting('property_weight_satisfaction') IS NOT NULL AND setting('property_weight_party') IS NOT NULL
