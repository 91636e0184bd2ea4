-- id: R14
-- name_zh: 两委换届完成率
-- name_en: Elections held
-- kind: share
-- unit: share
-- formula: communities whose election was held / communities whose election is due
-- formula_zh: 完成换届的社区数 ÷ 应换届的社区数
-- threshold: none
-- better: up
-- rules: R14
-- source: speech R14
-- source_zh: 讲话 R14
SELECT e.election_id AS id, c.street_code, e.community_code, c.name_zh AS label, e.due_on, e.held_on, e.held_on IS NOT NULL AS hit
FROM elections e LEFT JOIN communities c ON c.community_code = e.community_code
WHERE e.due_on IS NULL OR e.due_on <= $as_of::DATE
