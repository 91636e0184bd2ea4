-- id: R45
-- name_zh: 未结哨件超时
-- name_en: Open whistles past their limit
-- kind: count
-- unit: calls
-- formula: called departments that have not come although their limit has passed
-- formula_zh: 时限已过仍未到场的部门次数
-- grp: department
-- threshold: 0
-- better: down
-- blank: whistle_limit_minutes is not set: only calls with a limit of their own are counted
-- rules: R45
-- source: speech R45
-- source_zh: 讲话 R45
SELECT r.whistle_id || ' ' || r.dept_id AS id, w.blown_at AS happened, c.street_code, w.community_code, r.dept_id AS grp, w.reason AS label,
  coalesce(r.required_by, w.blown_at + to_seconds(60 * setting('whistle_limit_minutes'))) AS due
FROM whistle_responses r JOIN whistles w ON w.whistle_id = r.whistle_id LEFT JOIN communities c ON c.community_code = w.community_code
WHERE r.reported_at IS NULL AND w.closed_at IS NULL
  AND coalesce(r.required_by, w.blown_at + to_seconds(60 * setting('whistle_limit_minutes'))) < $as_of
