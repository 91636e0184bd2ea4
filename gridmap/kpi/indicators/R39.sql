-- id: R39
-- name_zh: 自主发现率
-- name_en: Found by one's own patrols
-- kind: share
-- unit: share
-- formula: found by patrol or assisted inspection / all cases
-- formula_zh: 巡查或协查发现的件数 ÷ 全部件数
-- grp: channel
-- threshold: none
-- better: up
-- rules: R39
-- source: speech R39
-- source_zh: 讲话 R39
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, channel IN ('patrol', 'assist') AS hit
FROM meant
WHERE channel IS NOT NULL
