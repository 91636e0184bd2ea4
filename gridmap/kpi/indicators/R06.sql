-- id: R06
-- name_zh: 基层党建联席会议次数
-- name_en: Joint Party-building meetings held
-- kind: count
-- unit: meetings
-- formula: meetings held, by level
-- formula_zh: 已召开的会议次数，按层级
-- grp: level
-- threshold: none
-- blank: the contents of the “five ones” are not given: they are not judged
-- rules: R06
-- source: speech R06
-- source_zh: 讲话 R06
SELECT meeting_id AS id, held_on AS happened, CASE WHEN length(place_code) >= 9 THEN left(place_code, 9) END AS street_code, level AS grp, name_zh AS label
FROM work_meetings
WHERE kind = 'joint'
