-- id: R04B
-- name_zh: 城市工作协调会议次数
-- name_en: Coordination meetings held
-- kind: count
-- unit: meetings
-- formula: meetings held, by level
-- formula_zh: 已召开的会议次数，按层级
-- grp: level
-- threshold: none
-- blank: how many are planned is not set: those held are counted
-- rules: R04
-- source: speech R04
-- source_zh: 讲话 R04
SELECT meeting_id AS id, held_on AS happened, CASE WHEN length(place_code) >= 9 THEN left(place_code, 9) END AS street_code, level AS grp, name_zh AS label
FROM work_meetings
WHERE kind = 'coordination'
