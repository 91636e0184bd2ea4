-- id: R36C
-- name_zh: 步骤倒置案件
-- name_en: Cases with steps out of order
-- kind: count
-- unit: cases
-- formula: cases with a step earlier in the order of six after a later one, returns left out
-- grp: channel
-- threshold: 0
-- better: down
-- rules: R36
-- source: speech R36
WITH moves AS (
  SELECT incident_id, action, list_position(['discover', 'push', 'dispose', 'coordinate', 'supervise', 'feedback'], step) AS place, lag(list_position(['discover', 'push', 'dispose', 'coordinate', 'supervise', 'feedback'], step)) OVER (PARTITION BY incident_id ORDER BY seq) AS before
  FROM incident_events
)
SELECT i.incident_id AS id, i.reported_at AS happened, i.street_code, i.community_code, i.grid_code, i.channel AS grp
FROM meant i
WHERE i.incident_id IN (SELECT incident_id FROM moves WHERE place < before AND coalesce(action, '') NOT IN ('return', 'reopen'))
