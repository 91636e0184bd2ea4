-- id: K01
-- name_zh: 1分钟受理率
-- name_en: Accepted within 1 minute
-- kind: share
-- unit: share
-- formula: accepted within the limit of the report / cases reported by residents, no duplicates, older than the limit; a step never taken counts as late
-- formula_zh: 时限内受理件数 ÷ 居民反映且非重复、已过时限的件数；从未受理的按超时计
-- grp: channel
-- threshold: 1
-- better: up
-- settings: accept_limit_minutes
-- rules: R40
-- source: speech R40 (3个1); goal of 100 % inferred
-- source_zh: 讲话 R40（3个1）；目标 100% 为推定
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp,
  coalesce(accepted_at <= reported_at + to_seconds(60 * setting('accept_limit_minutes')), false) AS hit
FROM meant
WHERE is_resident_reported AND duplicate_of IS NULL
  AND reported_at <= $as_of - to_seconds(60 * setting('accept_limit_minutes'))
