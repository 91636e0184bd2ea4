-- id: K09
-- name_zh: 采办分离合规率
-- name_en: Separation of collecting and handling
-- kind: share
-- unit: share
-- formula: handled by someone other than the reporter, or settled on the spot / cases with both known
-- formula_zh: 采集人与处置人不是同一人（当场处置的除外）的件数 ÷ 采集人、处置人均已登记的件数
-- grp: person
-- threshold: 1
-- better: up
-- rules: R35
-- source: speech R35
-- source_zh: 讲话 R35
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, reporter_staff_id AS grp,
  reporter_staff_id <> handler_staff_id OR coalesce(on_the_spot, false) AS hit
FROM meant
WHERE reporter_staff_id IS NOT NULL AND handler_staff_id IS NOT NULL
