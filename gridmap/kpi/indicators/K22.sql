-- id: K22
-- name_zh: 党群服务中心达标率
-- name_en: Centres of the required size
-- kind: share
-- unit: share
-- formula: community centres of at least centre_min_m2 / community centres; an unknown area does not pass
-- formula_zh: 面积达到标准的社区党群服务中心数 ÷ 社区党群服务中心数；面积不详视为未达到
-- threshold: 1
-- better: up
-- settings: centre_min_m2
-- rules: R55
-- source: speech R55
-- source_zh: 讲话 R55
SELECT s.centre_id AS id, c.street_code, s.community_code, s.name_zh AS label, s.floor_area_m2, coalesce(s.floor_area_m2 >= setting('centre_min_m2'), false) AS hit
FROM service_centres s LEFT JOIN communities c ON c.community_code = s.community_code
WHERE s.centre_level = 'community'
