-- id: R11
-- name_zh: 六方齐备率
-- name_en: Six parties complete
-- kind: ratio
-- unit: share
-- formula: parties present / 6, over communities
-- formula_zh: 各社区已到位的治理主体数 ÷ 6
-- threshold: 1
-- better: up
-- rules: R11
-- source: speech R11
-- source_zh: 讲话 R11
SELECT c.community_code AS id, c.street_code, c.community_code, c.name_zh AS label, 6 AS base,
  (c.community_code IN (
      SELECT community_code FROM party_orgs WHERE grid_code IS NULL AND property_company_id IS NULL AND community_code IS NOT NULL))::INT
  + (c.committee_director_staff_id IS NOT NULL)::INT
  + (c.community_code IN (SELECT p.community_code FROM owners_committees o JOIN compounds p ON p.compound_id = o.compound_id
      WHERE o.kind = 'owners_committee'))::INT
  + (c.community_code IN (SELECT community_code FROM compounds WHERE property_company_id IS NOT NULL))::INT
  + (c.community_code IN (SELECT g.community_code FROM micro_units m JOIN grids g ON g.grid_code = m.grid_code
      WHERE m.leader_staff_id IS NOT NULL))::INT
  + (c.community_code IN (SELECT community_code FROM service_centres WHERE community_code IS NOT NULL))::INT AS amount
FROM communities c
WHERE c.valid_to IS NULL
