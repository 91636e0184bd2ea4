-- id: K04
-- name_zh: 结案率
-- name_en: Closing rate
-- kind: share
-- unit: share
-- formula: closed / (due - deferred); due = its due time has passed
-- formula_zh: 已结案件数 ÷（应结案件数 − 延期件数）；应结案指办理期限已到
-- grp: level
-- threshold: 0.9
-- better: up
-- rules: R38
-- source: customary formula of urban management appraisal; Jinhua gives full marks from 90 %
-- source_zh: 城市管理考核通行口径；90% 起得满分见金华市办法
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, current_level AS grp, closed_at IS NOT NULL AS hit
FROM meant
WHERE due_at <= $as_of AND NOT deferred
