-- id: K04
-- name_zh: 结案率
-- name_en: Closing rate
-- kind: share
-- unit: share
-- formula: closed / (due - deferred); due = its due time has passed
-- grp: level
-- threshold: 0.9
-- better: up
-- rules: R38
-- source: dossier 2.8, S13 (Jinhua: full marks from 90 %)
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, current_level AS grp, closed_at IS NOT NULL AS hit
FROM meant
WHERE due_at <= $as_of AND NOT deferred
