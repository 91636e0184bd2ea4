-- id: R67
-- name_zh: 五改一通一场完成率
-- name_en: Renewal projects done
-- kind: share
-- unit: share
-- formula: projects of the seven kinds that are done / projects planned
-- formula_zh: 七类项目中已完成的项目数 ÷ 计划项目数
-- grp: project
-- threshold: none
-- better: up
-- rules: R67
-- source: speech R67
-- source_zh: 讲话 R67
SELECT project_id AS id, street_code, community_code, kind AS grp, name_zh AS label, stage, due_on, done_on,
  done_on IS NOT NULL OR coalesce(stage = 'done', false) AS hit
FROM projects
WHERE kind <> 'centre'
