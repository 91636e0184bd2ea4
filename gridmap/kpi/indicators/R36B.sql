-- id: R36B
-- name_zh: 各步平均停留
-- name_en: Time spent in each step
-- kind: ratio
-- unit: minutes
-- formula: minutes from a step to the next event of the case, mean by step
-- formula_zh: 从一个步骤到该件下一条流程记录的分钟数，按步骤取平均
-- grp: step
-- threshold: none
-- better: down
-- rules: R36
-- source: speech R36
-- source_zh: 讲话 R36
WITH dwell AS (
  SELECT e.event_id, e.incident_id, e.step, e.occurred_at,
    lead(e.occurred_at) OVER (PARTITION BY e.incident_id ORDER BY e.seq) - e.occurred_at AS stay
  FROM logs e
)
SELECT d.event_id AS id, d.occurred_at AS happened, i.street_code, i.community_code, i.grid_code, d.step AS grp,
  epoch(d.stay) / 60 AS amount, 1 AS base
FROM dwell d JOIN meant i ON i.incident_id = d.incident_id
WHERE d.stay IS NOT NULL
