-- id: K26
-- name_zh: 业委会组建率
-- name_en: Owners' committees formed
-- kind: share
-- unit: share
-- formula: compounds with an owners' committee / compounds under property management
-- formula_zh: 成立业主委员会的小区数 ÷ 有物业管理的小区数
-- threshold: none
-- better: up
-- rules: R17
-- source: speech R17
-- source_zh: 讲话 R17
SELECT p.compound_id AS id, c.street_code, p.community_code, p.name_zh AS label, p.compound_id IN (
    SELECT compound_id FROM owners_committees WHERE kind = 'owners_committee' AND compound_id IS NOT NULL) AS hit
FROM compounds p LEFT JOIN communities c ON c.community_code = p.community_code
WHERE p.has_property_mgmt
