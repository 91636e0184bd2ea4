-- id: R53
-- name_zh: 三类民忧
-- name_en: Three worries
-- kind: count
-- unit: cases
-- formula: safety (class 23), property (class 21) and disputes (class 22)
-- formula_zh: 安全（23 类）、物业（21 类）、纠纷（22 类）三类件数
-- grp: class
-- threshold: none
-- better: down
-- rules: R53
-- source: speech R53 (classes are this program's choice)
-- source_zh: 讲话 R53（事项分类为自定）
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, left(matter_code, 2) AS grp
FROM meant
WHERE left(matter_code, 2) IN ('21', '22', '23')
