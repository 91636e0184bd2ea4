-- id: R03
-- name_zh: 责任层级构成
-- name_en: Tasks by level
-- kind: mix
-- unit: share
-- formula: tasks of a level / tasks; every task has one level
-- formula_zh: 各层级任务数 ÷ 任务总数；每项任务属一个层级
-- grp: level
-- threshold: none
-- rules: R03
-- source: speech R03
-- source_zh: 讲话 R03
SELECT task_id AS id, street_code, level AS grp, name_zh AS label
FROM tasks
