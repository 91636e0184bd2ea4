-- id: K07
-- name_zh: 超期在办
-- name_en: Overdue and open
-- kind: count
-- unit: cases
-- formula: open cases past their due time, deferred ones left out
-- formula_zh: 已过办理期限仍未结案的件数，不含延期件
-- grp: level
-- threshold: 0
-- better: down
-- rules: R38
-- source: speech R38
-- source_zh: 讲话 R38
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, current_level AS grp, due_at
FROM meant
WHERE closed_at IS NULL AND due_at <= $as_of AND NOT deferred
