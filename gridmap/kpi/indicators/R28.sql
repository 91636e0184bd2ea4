-- id: R28
-- name_zh: 六项职责分工
-- name_en: The six duties
-- kind: count
-- unit: assignments
-- formula: assignments in post that name a duty, by duty
-- formula_zh: 在岗且写明职责的分工数，按职责
-- grp: duty
-- threshold: none
-- rules: R28
-- source: speech R28
-- source_zh: 讲话 R28
SELECT a.assignment_id || ' ' || a.duty AS id, g.street_code, g.community_code, a.grid_code, a.duty AS grp
FROM (SELECT assignment_id, grid_code, unnest(duties) AS duty FROM grid_assignments WHERE staff_id IS NOT NULL AND (end_on IS NULL OR end_on > $as_of::DATE) AND (start_on IS NULL OR start_on <= $as_of::DATE)) a
JOIN grids g ON g.grid_code = a.grid_code
