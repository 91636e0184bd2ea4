-- id: K03
-- name_zh: 1天办结率
-- name_en: Closed within 1 day
-- kind: share
-- unit: share
-- formula: closed within the limit of the report / cases reported by residents, no duplicates, older than the limit; a step never taken counts as late
-- formula_zh: 时限内办结件数 ÷ 居民反映且非重复、已过时限的件数；从未办结的按超时计
-- grp: channel
-- threshold: 1
-- better: up
-- settings: close_limit_hours
-- blank: whether a day means a working day is not set: 24 hours by the clock are counted
-- rules: R40
-- source: speech R40 (3个1); goal of 100 % inferred
-- source_zh: 讲话 R40（3个1）；目标 100% 为推定
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp,
  coalesce(closed_at <= reported_at + to_seconds(3600 * setting('close_limit_hours')), false) AS hit
FROM meant
WHERE is_resident_reported AND duplicate_of IS NULL
  AND reported_at <= $as_of - to_seconds(3600 * setting('close_limit_hours'))
