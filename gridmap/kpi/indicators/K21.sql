-- id: K21
-- name_zh: 书记主任一人兼率
-- name_en: One person, two posts
-- kind: share
-- unit: share
-- formula: communities whose secretary is also director of the residents' committee / urban communities; a vacant post does not pass
-- formula_zh: 书记、主任由一人担任的社区数 ÷ 城市社区数；空缺视为未达到
-- threshold: 1
-- better: up
-- rules: R13
-- source: speech R13
-- source_zh: 讲话 R13
SELECT c.community_code AS id, c.street_code, c.community_code, c.name_zh AS label, c.party_secretary_staff_id, c.committee_director_staff_id,
  coalesce(c.party_secretary_staff_id = c.committee_director_staff_id, false) AS hit
FROM communities c
WHERE c.valid_to IS NULL AND coalesce(c.urban_rural_code, '1') LIKE '1%'
