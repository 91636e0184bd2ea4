-- id: R10
-- name_zh: 典型案例数
-- name_en: Case stories
-- kind: count
-- unit: stories
-- formula: stories published
-- formula_zh: 已发布的典型案例数
-- threshold: none
-- better: up
-- rules: R10
-- source: speech R10
-- source_zh: 讲话 R10
SELECT story_id AS id, street_code, community_code, name_zh AS label
FROM stories
