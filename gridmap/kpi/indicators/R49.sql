-- id: R49
-- name_zh: 街面七乱
-- name_en: Seven kinds of street disorder
-- kind: count
-- unit: cases
-- formula: cases of the matters the speech names, by its own words; duplicates left out
-- formula_zh: 讲话列举事项的件数，按讲话用语分列；重复件不计
-- grp: violation
-- threshold: none
-- better: down
-- rules: R49
-- source: speech R49 (codes of the matters are inferred)
-- source_zh: 讲话 R49（事项编码对应关系为推定）
SELECT i.incident_id AS id, i.reported_at AS happened, i.street_code, i.community_code, i.grid_code, v.violation_zh AS grp, i.closed_at
FROM meant i JOIN seed_violations v ON v.matter_code = i.matter_code AND v.rule = 'R49'
WHERE i.duplicate_of IS NULL
