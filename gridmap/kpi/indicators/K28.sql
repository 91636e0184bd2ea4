-- id: K28
-- name_zh: 吹哨按时报到率
-- name_en: Departments that came in time
-- kind: share
-- unit: share
-- formula: called departments that arrived by their limit / called departments whose limit has passed or that arrived; one that never arrived is late
-- formula_zh: 时限内到场的部门次数 ÷ 时限已到或已到场的应到部门次数；从未到场的按超时计
-- grp: department
-- threshold: none
-- better: up
-- blank: whistle_limit_minutes is not set: only calls with a limit of their own are judged
-- rules: R45
-- source: speech R45
-- source_zh: 讲话 R45
WITH called AS (
  SELECT r.*, w.blown_at, w.community_code, coalesce(r.required_by, w.blown_at + to_seconds(60 * setting('whistle_limit_minutes'))) AS due
  FROM whistle_responses r JOIN whistles w ON w.whistle_id = r.whistle_id
)
SELECT d.whistle_id || ' ' || d.dept_id AS id, d.blown_at AS happened, c.street_code, d.community_code, d.dept_id AS grp,
  d.reported_at AS arrived_at, d.due, d.street_rating, coalesce(d.reported_at <= d.due, false) AS hit
FROM called d LEFT JOIN communities c ON c.community_code = d.community_code
WHERE d.due IS NOT NULL AND (d.due <= $as_of OR d.reported_at IS NOT NULL)
