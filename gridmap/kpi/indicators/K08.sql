-- id: K08
-- name_zh: 小事不出社区
-- name_en: Small matters end in the community
-- kind: share
-- unit: share
-- formula: closed without leaving the community / closed cases
-- formula_zh: 未出社区即结案的件数 ÷ 已结案件数
-- grp: level
-- threshold: none
-- better: up
-- rules: R52
-- source: speech R52 (“区” read as 社区: not verified)
-- source_zh: 讲话 R52（“区”按社区理解，未核实）
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, top_level AS grp, top_level = 'community' AS hit
FROM meant
WHERE closed_at IS NOT NULL AND top_level IS NOT NULL
