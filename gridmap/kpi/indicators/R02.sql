-- id: R02
-- name_zh: 任务按期完成率
-- name_en: Tasks done in time
-- kind: share
-- unit: share
-- formula: tasks done by their due day / tasks whose due day has passed or that are done
-- formula_zh: 按期完成的任务数 ÷ 已到期或已完成的任务数
-- grp: level
-- threshold: none
-- better: up
-- rules: R02
-- source: speech R02
-- source_zh: 讲话 R02
SELECT task_id AS id, street_code, level AS grp, name_zh AS label, unit_zh, due_on, done_on, coalesce(done_on <= due_on, false) AS hit
FROM tasks
WHERE due_on IS NOT NULL AND (due_on < $as_of::DATE OR done_on IS NOT NULL)
