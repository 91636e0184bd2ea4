-- id: R36
-- name_zh: 六步齐全率
-- name_en: All six steps taken
-- kind: share
-- unit: share
-- formula: closed cases with all six steps / closed cases with a log
-- formula_zh: 六个步骤齐全的已结案件数 ÷ 有流程记录的已结案件数
-- grp: channel
-- threshold: none
-- better: up
-- rules: R36
-- source: speech R36
-- source_zh: 讲话 R36
WITH logged AS (  -- a bit for each step: to count different texts takes three times as long
  SELECT incident_id, bit_count(bit_or(CASE step WHEN 'discover' THEN 1 WHEN 'push' THEN 2 WHEN 'dispose' THEN 4
    WHEN 'coordinate' THEN 8 WHEN 'supervise' THEN 16 ELSE 32 END)) AS steps
  FROM logs GROUP BY incident_id
)
SELECT i.incident_id AS id, i.reported_at AS happened, i.street_code, i.community_code, i.grid_code, i.channel AS grp, l.steps, l.steps = 6 AS hit
FROM meant i JOIN logged l ON l.incident_id = i.incident_id
WHERE i.closed_at IS NOT NULL
