-- id: R19
-- name_zh: 楼门长任兼职网格员比例
-- name_en: Building leaders who are part-time grid workers
-- kind: share
-- unit: share
-- formula: leaders in a part-time post / leaders
-- formula_zh: 兼任网格员的楼门长数 ÷ 楼门长数
-- threshold: none
-- better: up
-- rules: R19
-- source: speech R19
-- source_zh: 讲话 R19
SELECT m.leader_staff_id AS id, min(g.street_code) AS street_code, min(g.community_code) AS community_code,
  m.leader_staff_id IN (
    SELECT staff_id FROM grid_assignments WHERE post = 'part_time' AND staff_id IS NOT NULL AND (end_on IS NULL OR end_on > $as_of::DATE) AND (start_on IS NULL OR start_on <= $as_of::DATE)) AS hit
FROM micro_units m LEFT JOIN grids g ON g.grid_code = m.grid_code
WHERE m.leader_staff_id IS NOT NULL
GROUP BY m.leader_staff_id
