-- id: K06
-- name_zh: 返工率
-- name_en: Rework
-- kind: share
-- unit: share
-- formula: closed cases that were opened again / closed cases
-- grp: channel
-- threshold: none
-- better: down
-- rules: 
-- source: dossier K06, S13
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, reopen_count > 0 AS hit
FROM meant
WHERE closed_at IS NOT NULL
