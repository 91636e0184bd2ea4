-- id: R16
-- name_zh: 业委会与物委会数
-- name_en: Owners' and property management committees
-- kind: count
-- unit: committees
-- formula: committees by kind
-- formula_zh: 各类委员会数
-- grp: committee
-- threshold: none
-- rules: R16
-- source: speech R16
-- source_zh: 讲话 R16
SELECT o.committee_id AS id, c.street_code, p.community_code, o.kind AS grp, p.name_zh AS label
FROM owners_committees o
LEFT JOIN compounds p ON p.compound_id = o.compound_id LEFT JOIN communities c ON c.community_code = p.community_code
