-- id: K08B
-- name_zh: 大事不出街道
-- name_en: Great matters end in the street
-- kind: share
-- unit: share
-- formula: closed without leaving the street / closed cases
-- formula_zh: 未出街道即结案的件数 ÷ 已结案件数
-- grp: level
-- threshold: none
-- better: up
-- rules: R52
-- source: speech R52 (“区” read as 社区: not verified)
-- source_zh: 讲话 R52（“区”按社区理解，未核实）
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, top_level AS grp, top_level IN ('community', 'street') AS hit
FROM meant
WHERE closed_at IS NOT NULL AND top_level IS NOT NULL
