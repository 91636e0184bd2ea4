-- id: R15
-- name_zh: 软弱涣散党组织整顿率
-- name_en: Weak Party organisations put right
-- kind: share
-- unit: share
-- formula: put right / flagged as weak
-- formula_zh: 已完成整顿的党组织数 ÷ 列为软弱涣散的党组织数
-- threshold: 1
-- better: up
-- rules: R15
-- source: speech R15
-- source_zh: 讲话 R15
SELECT o.party_org_id AS id, c.street_code, o.community_code, o.grid_code, o.name_zh AS label, o.fixed_on IS NOT NULL AS hit
FROM party_orgs o LEFT JOIN communities c ON c.community_code = o.community_code
WHERE o.is_weak OR o.fixed_on IS NOT NULL
