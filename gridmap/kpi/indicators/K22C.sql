-- id: K22C
-- name_zh: 党群服务中心面积缺口
-- name_en: Missing floor area of centres
-- kind: sum
-- unit: m²
-- formula: Σ max(0, centre_min_m2 - area) over community centres
-- formula_zh: 各社区党群服务中心低于面积标准的差额之和
-- threshold: 0
-- better: down
-- settings: centre_min_m2
-- rules: R55
-- source: speech R55
-- source_zh: 讲话 R55
SELECT s.centre_id AS id, c.street_code, s.community_code, s.name_zh AS label, s.floor_area_m2, setting('centre_min_m2') - s.floor_area_m2 AS amount
FROM service_centres s LEFT JOIN communities c ON c.community_code = s.community_code
WHERE s.centre_level = 'community' AND s.floor_area_m2 < setting('centre_min_m2')
