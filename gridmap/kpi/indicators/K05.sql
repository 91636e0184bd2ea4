-- id: K05
-- name_zh: 按期结案率
-- name_en: On-time closing rate
-- kind: share
-- unit: share
-- formula: closed by the due time / (due - deferred)
-- grp: level
-- threshold: 0.7
-- better: up
-- rules: R38
-- source: dossier 2.8, S13 (Jinhua: full marks from 70 %)
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, current_level AS grp, coalesce(closed_at <= due_at, false) AS hit
FROM meant
WHERE due_at <= $as_of AND NOT deferred
