-- id: R33B
-- name_zh: 网格内解决率
-- name_en: Solved on the grid
-- kind: share
-- unit: share
-- formula: closed without leaving the community, in a grid / closed
-- formula_zh: 在网格内且未出社区即结案的件数 ÷ 已结案件数
-- grp: channel
-- threshold: none
-- better: up
-- rules: R33
-- source: speech R33
-- source_zh: 讲话 R33
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, top_level = 'community' AND grid_code IS NOT NULL AS hit
FROM meant
WHERE closed_at IS NOT NULL AND top_level IS NOT NULL
