-- id: K30B
-- name_zh: 满意率
-- name_en: Satisfied
-- kind: share
-- unit: share
-- formula: satisfied / resident-reported cases called back
-- formula_zh: 满意件数 ÷ 已回访的居民反映件数
-- grp: channel
-- threshold: none
-- better: up
-- rules: R42
-- source: speech R42; customary formula of hotline appraisal (not verified)
-- source_zh: 讲话 R42；热线评价通行口径（公式未核实）
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp, satisfied AS hit
FROM meant
WHERE is_resident_reported AND satisfied IS NOT NULL
