-- id: K30B
-- name_zh: 满意率
-- name_en: Satisfied
-- kind: share
-- unit: share
-- formula: satisfied / resident-reported cases called back
-- grp: channel
-- threshold: none
-- better: up
-- rules: R42
-- source: speech R42, S50 (formula not verified)
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, satisfied AS hit
FROM meant
WHERE is_resident_reported AND satisfied IS NOT NULL
