-- id: K05
-- name_zh: 按期结案率
-- name_en: On-time closing rate
-- kind: share
-- unit: share
-- formula: closed by the due time / (due - deferred)
-- formula_zh: 按期结案件数 ÷（应结案件数 − 延期件数）
-- grp: level
-- threshold: 0.7
-- better: up
-- rules: R38
-- source: customary formula of urban management appraisal; Jinhua gives full marks from 70 %
-- source_zh: 城市管理考核通行口径；70% 起得满分见金华市办法
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, current_level AS grp, coalesce(closed_at <= due_at, false) AS hit
FROM meant
WHERE due_at <= $as_of AND NOT deferred
