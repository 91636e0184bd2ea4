-- id: R18
-- name_zh: 业委会党员比例达标率
-- name_en: Owners' committees with enough Party members
-- kind: share
-- unit: share
-- formula: committees with at least owners_committee_party_share of Party members / committees
-- formula_zh: 党员比例达到标准的业委会数 ÷ 业委会数
-- threshold: none
-- better: up
-- settings: owners_committee_party_share
-- blank: no figure: nothing can pass or fail
-- rules: R18
-- source: speech R18
-- source_zh: 讲话 R18
SELECT o.committee_id AS id, c.street_code, p.community_code, p.name_zh AS label,
  CASE WHEN setting('owners_committee_party_share') IS NOT NULL
    THEN coalesce(o.party_members / o.members >= setting('owners_committee_party_share'), false) END AS hit
FROM owners_committees o
LEFT JOIN compounds p ON p.compound_id = o.compound_id
LEFT JOIN communities c ON c.community_code = p.community_code
WHERE o.kind = 'owners_committee' AND o.members > 0
