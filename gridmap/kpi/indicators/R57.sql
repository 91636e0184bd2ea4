-- id: R57
-- name_zh: 阵地建设方式
-- name_en: Ways centres were built
-- kind: mix
-- unit: share
-- formula: centres of a way / centres
-- formula_zh: 各建设方式的中心数 ÷ 中心数
-- grp: way
-- threshold: none
-- rules: R57
-- source: speech R57
-- source_zh: 讲话 R57
SELECT s.centre_id AS id, c.street_code, s.community_code, s.name_zh AS label, s.floor_area_m2, s.acquire_mode AS grp
FROM service_centres s LEFT JOIN communities c ON c.community_code = s.community_code
