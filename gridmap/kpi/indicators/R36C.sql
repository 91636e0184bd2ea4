-- id: R36C
-- name_zh: 步骤倒置案件
-- name_en: Cases with steps out of order
-- kind: count
-- unit: cases
-- formula: cases with a step earlier in the order of six after a later one; after coordination, a return or reopening a case may start anew; urging and remarks left out
-- formula_zh: 流程中后一步先于前一步的件数；协调、退回或重新立案之后重新起算，催办和备注不计
-- grp: channel
-- threshold: 0
-- better: down
-- rules: R36
-- source: speech R36
-- source_zh: 讲话 R36
WITH moves AS (
  SELECT incident_id, action, step, list_position(['discover', 'push', 'dispose', 'coordinate', 'supervise', 'feedback'], step) AS place,
    lag(place) OVER w AS before, lag(step) OVER w AS step_before, lag(action) OVER w AS action_before
  FROM logs
  WHERE coalesce(action, '') NOT IN ('urge', 'note', 'take_over')
  WINDOW w AS (PARTITION BY incident_id ORDER BY seq)
)
SELECT i.incident_id AS id, i.reported_at AS happened, i.street_code, i.community_code, i.grid_code, i.channel AS grp
FROM meant i
WHERE i.incident_id IN (
  SELECT incident_id FROM moves
  WHERE place < before AND step_before <> 'coordinate' AND coalesce(action, '') NOT IN ('return', 'reopen')
    AND coalesce(action_before, '') NOT IN ('return', 'reopen')
)
