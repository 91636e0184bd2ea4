-- id: K30
-- name_zh: 解决率
-- name_en: Solved
-- kind: share
-- unit: share
-- formula: solved / resident-reported cases called back
-- grp: channel
-- threshold: none
-- better: up
-- rules: R42
-- source: dossier 2.8, S50 (formula not verified)
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, coalesce(resolved, false) AS hit
FROM meant
WHERE is_resident_reported AND satisfied IS NOT NULL
