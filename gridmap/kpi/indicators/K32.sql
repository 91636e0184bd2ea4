-- id: K32
-- name_zh: 重复上报率
-- name_en: Duplicates
-- kind: share
-- unit: share
-- formula: duplicates / all cases
-- formula_zh: 重复件数 ÷ 全部件数
-- grp: channel
-- threshold: none
-- better: down
-- rules: 
-- source: customary formula
-- source_zh: 通行口径
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, duplicate_of IS NOT NULL AS hit
FROM meant
