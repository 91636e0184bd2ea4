-- id: K02
-- name_zh: 1小时到场率
-- name_en: On site within 1 hour
-- kind: share
-- unit: share
-- formula: on site within the limit of the report / cases reported by residents, no duplicates, older than the limit; a step never taken counts as late
-- formula_zh: 时限内到场件数 ÷ 居民反映且非重复、已过时限的件数；从未到场的按超时计
-- grp: channel
-- threshold: 1
-- better: up
-- settings: arrive_limit_minutes
-- rules: R40
-- source: speech R40 (3个1); goal of 100 % inferred
-- source_zh: 讲话 R40（3个1）；目标 100% 为推定
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp,
  coalesce(arrived_at <= reported_at + to_seconds(60 * setting('arrive_limit_minutes')), false) AS hit
FROM meant
WHERE is_resident_reported AND duplicate_of IS NULL
  AND reported_at <= $as_of - to_seconds(60 * setting('arrive_limit_minutes'))
