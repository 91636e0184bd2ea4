-- id: R58
-- name_zh: 服务设施齐全率
-- name_en: Elder room, meals and clinic all there
-- kind: share
-- unit: share
-- formula: communities with all three / communities
-- formula_zh: 三类设施齐全的社区数 ÷ 社区数
-- threshold: none
-- better: up
-- rules: R58
-- source: speech R58
-- source_zh: 讲话 R58
SELECT c.community_code AS id, c.street_code, c.community_code, c.name_zh AS label, coalesce(s.three, false) AS hit
FROM communities c
LEFT JOIN (SELECT community_code, bool_or(has_elderly_room) AND bool_or(has_meals) AND bool_or(has_clinic) AS three
  FROM service_centres GROUP BY community_code) s ON s.community_code = c.community_code
WHERE c.valid_to IS NULL
