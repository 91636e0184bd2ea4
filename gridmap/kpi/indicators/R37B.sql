-- id: R37B
-- name_zh: 退回次数
-- name_en: Bounce-backs
-- kind: count
-- unit: moves
-- formula: moves back to a lower level
-- formula_zh: 退回到更低层级的次数
-- grp: level
-- threshold: none
-- better: down
-- rules: R37
-- source: speech R37
-- source_zh: 讲话 R37
SELECT e.event_id AS id, e.occurred_at AS happened, i.street_code, i.community_code, i.grid_code, e.from_level AS grp
FROM logs e JOIN meant i ON i.incident_id = e.incident_id
WHERE list_position(['community', 'street', 'district'], e.to_level) < list_position(['community', 'street', 'district'], e.from_level)
