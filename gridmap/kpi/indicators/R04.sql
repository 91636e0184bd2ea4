-- id: R04
-- name_zh: 议定事项办结率
-- name_en: Actions of meetings closed
-- kind: share
-- unit: share
-- formula: actions done / actions decided
-- formula_zh: 已办结的议定事项数 ÷ 议定事项数
-- threshold: none
-- better: up
-- rules: R04
-- source: speech R04
-- source_zh: 讲话 R04
SELECT action_id AS id, street_code, name_zh AS label, unit_zh, due_on, done_on, done_on IS NOT NULL AS hit
FROM work_actions
