-- id: K27
-- name_zh: 业委会党员比例
-- name_en: Party share of owners' committees
-- kind: ratio
-- unit: share
-- formula: Party members / members of owners' committees
-- formula_zh: 业主委员会成员中的党员数 ÷ 业主委员会成员数
-- threshold: owners_committee_party_share
-- better: up
-- blank: the ratio asked for is not set: the figure is shown without a goal
-- rules: R18
-- source: speech R18; rules of Jiangsu (at least half)
-- source_zh: 讲话 R18；江苏省规定（不低于一半）
SELECT o.committee_id AS id, c.street_code, p.community_code, p.name_zh AS label, o.party_members AS amount, o.members AS base
FROM owners_committees o
LEFT JOIN compounds p ON p.compound_id = o.compound_id
LEFT JOIN communities c ON c.community_code = p.community_code
WHERE o.kind = 'owners_committee' AND o.members > 0 AND o.party_members IS NOT NULL
