-- id: K10
-- name_zh: 渠道构成
-- name_en: Channel mix
-- kind: mix
-- unit: share
-- formula: cases of a channel / all cases
-- grp: channel
-- threshold: none
-- rules: R39
-- source: speech R39
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp
FROM meant
