-- id: R37
-- name_zh: 逐级上报次数
-- name_en: Escalations
-- kind: count
-- unit: moves
-- formula: moves to a higher level, by the level reached
-- formula_zh: 上报到更高层级的次数，按到达的层级
-- grp: level
-- threshold: none
-- rules: R37
-- source: speech R37
-- source_zh: 讲话 R37
SELECT e.event_id AS id, e.occurred_at AS happened, i.street_code, i.community_code, i.grid_code, e.to_level AS grp
FROM logs e JOIN meant i ON i.incident_id = e.incident_id
WHERE list_position(['community', 'street', 'district'], e.to_level) > list_position(['community', 'street', 'district'], e.from_level)
