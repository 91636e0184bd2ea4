-- id: K30
-- name_zh: 解决率
-- name_en: Solved
-- kind: share
-- unit: share
-- formula: solved / resident-reported cases called back
-- formula_zh: 已解决件数 ÷ 已回访的居民反映件数
-- grp: channel
-- threshold: none
-- better: up
-- rules: R42
-- source: customary formula of hotline appraisal (not verified)
-- source_zh: 热线评价通行口径（公式未核实）
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, coalesce(resolved, false) AS hit
FROM meant
WHERE is_resident_reported AND satisfied IS NOT NULL
