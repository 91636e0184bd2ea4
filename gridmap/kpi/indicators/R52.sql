-- id: R52
-- name_zh: 矛盾上交
-- name_en: Petitions carried upward
-- kind: count
-- unit: cases
-- formula: mediated cases followed by a petition to a higher level
-- formula_zh: 调解后仍向上级信访的件数
-- grp: mediation
-- threshold: 0
-- better: down
-- rules: R52
-- source: speech R52
-- source_zh: 讲话 R52
SELECT m.mediation_id AS id, m.ended_at AS happened, i.street_code, i.community_code, i.grid_code, m.kind AS grp
FROM mediations m LEFT JOIN meant i ON i.incident_id = m.incident_id
WHERE m.petition_after
