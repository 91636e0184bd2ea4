-- id: R47
-- name_zh: 日常与应急执法量
-- name_en: Daily and emergency cases
-- kind: count
-- unit: cases
-- formula: cases by kind: class 27 is emergency, the others are daily
-- formula_zh: 各类件数：27 类为应急执法，其余为日常执法
-- grp: kind
-- threshold: none
-- rules: R47 R54
-- source: speech R47
-- source_zh: 讲话 R47
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, CASE WHEN starts_with(matter_code, '27') THEN 'emergency' ELSE 'daily' END AS grp
FROM meant
WHERE matter_code IS NOT NULL
