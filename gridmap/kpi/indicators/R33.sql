-- id: R33
-- name_zh: 网格内发现率
-- name_en: Found on the grid
-- kind: share
-- unit: share
-- formula: cases found by patrol or assisted inspection inside a grid / cases
-- formula_zh: 在网格内由巡查或协查发现的件数 ÷ 全部件数
-- grp: channel
-- threshold: none
-- better: up
-- rules: R33
-- source: speech R33
-- source_zh: 讲话 R33
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, channel IN ('patrol', 'assist') AND grid_code IS NOT NULL AS hit
FROM meant
