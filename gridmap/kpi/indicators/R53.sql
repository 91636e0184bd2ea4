-- id: R53
-- name_zh: 三类民忧
-- name_en: Three worries
-- kind: count
-- unit: cases
-- formula: safety (class 23), property (class 21) and disputes (class 22)
-- grp: class
-- threshold: none
-- better: down
-- rules: R53
-- source: speech R53 (classes: design)
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, left(matter_code, 2) AS grp
FROM meant
WHERE left(matter_code, 2) IN ('21', '22', '23')
