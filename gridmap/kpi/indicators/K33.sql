-- id: K33
-- name_zh: 高发复发点
-- name_en: Hot repeats
-- kind: count
-- unit: places
-- formula: grid and matter with at least repeat_times cases within repeat_days up to now; duplicates are one case
-- formula_zh: 规定天数内同一网格同一事项达到规定次数的点位数；重复件按一件计
-- grp: matter
-- threshold: 0
-- better: down
-- settings: repeat_times repeat_days
-- rules: R48 R49
-- source: speech R48 R49
-- source_zh: 讲话 R48、R49
SELECT grid_code || ' ' || matter_code AS id, any_value(street_code) AS street_code, any_value(community_code) AS community_code, grid_code,
  matter_code AS grp, matter_code AS label, count(*) AS amount, min(reported_at) AS first_at, max(reported_at) AS happened
FROM meant
WHERE grid_code IS NOT NULL AND duplicate_of IS NULL AND reported_at <= $as_of
  AND reported_at >= $as_of - to_seconds(86400 * setting('repeat_days'))
GROUP BY grid_code, matter_code
HAVING count(*) >= setting('repeat_times')
