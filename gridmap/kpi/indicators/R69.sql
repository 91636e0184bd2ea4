-- id: R69
-- name_zh: 征迁施工与重点片区
-- name_en: Sites and key areas
-- kind: count
-- unit: places
-- formula: sites and key areas that are not yet ended; context only
-- formula_zh: 尚未结束的征迁、施工点和重点片区数，仅供参考
-- grp: site
-- threshold: none
-- rules: R69
-- source: speech R69
-- source_zh: 讲话 R69
SELECT area_id AS id, street_code, community_code, kind AS grp, name_zh AS label, started_on, ended_on
FROM key_areas
WHERE (started_on IS NULL OR started_on <= $as_of::DATE) AND (ended_on IS NULL OR ended_on > $as_of::DATE)
