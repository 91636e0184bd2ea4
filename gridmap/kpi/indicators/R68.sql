-- id: R68
-- name_zh: 老旧小区物业化管理率
-- name_en: Old compounds under management
-- kind: share
-- unit: share
-- formula: old compounds under property management / old compounds
-- formula_zh: 有物业管理的老旧小区数 ÷ 老旧小区数
-- threshold: none
-- better: up
-- rules: R68
-- source: speech R68
-- source_zh: 讲话 R68
SELECT p.compound_id AS id, c.street_code, p.community_code, p.name_zh AS label, coalesce(p.has_property_mgmt, false) AS hit
FROM compounds p LEFT JOIN communities c ON c.community_code = p.community_code
WHERE p.is_old
