-- id: K34
-- name_zh: 无格事件
-- name_en: Incidents in no grid
-- kind: count
-- unit: cases
-- formula: cases that lie in no grid of the version in force
-- formula_zh: 不在现行网格之内的件数
-- grp: channel
-- threshold: 0
-- better: down
-- rules: R41
-- source: speech R41
-- source_zh: 讲话 R41
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, lon, lat
FROM meant
WHERE grid_code IS NULL
