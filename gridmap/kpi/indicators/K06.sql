-- id: K06
-- name_zh: 返工率
-- name_en: Rework
-- kind: share
-- unit: share
-- formula: closed cases that were opened again / closed cases
-- formula_zh: 结案后重新立案的件数 ÷ 已结案件数
-- grp: channel
-- threshold: none
-- better: down
-- rules: 
-- source: customary formula of urban management appraisal (Jinhua)
-- source_zh: 城市管理考核通行口径（金华市）
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, reopen_count > 0 AS hit
FROM meant
WHERE closed_at IS NOT NULL
