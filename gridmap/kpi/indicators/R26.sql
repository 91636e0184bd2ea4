-- id: R26
-- name_zh: 每千户物业投诉
-- name_en: Property complaints per 1,000 households
-- kind: ratio
-- unit: cases per 1,000 households
-- formula: 1,000 × cases of class 21 / households of the community
-- formula_zh: 1000 × 物业类（21 类）件数 ÷ 社区户数
-- grp: matter
-- threshold: none
-- better: down
-- rules: R26
-- source: speech R26
-- source_zh: 讲话 R26
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, matter_code AS grp, 1000 AS amount, 0 AS base
FROM meant
WHERE starts_with(matter_code, '21') AND duplicate_of IS NULL
UNION ALL BY NAME
SELECT 'households ' || community_code AS id, street_code, community_code, 0 AS amount, households AS base
FROM communities WHERE valid_to IS NULL AND households > 0
