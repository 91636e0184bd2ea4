-- id: K29
-- name_zh: 调解成功率
-- name_en: Mediation that succeeded
-- kind: share
-- unit: share
-- formula: ended in agreement / ended
-- formula_zh: 达成协议的件数 ÷ 调解终结的件数
-- grp: mediation
-- threshold: none
-- better: up
-- rules: R50
-- source: speech R50
-- source_zh: 讲话 R50
SELECT m.mediation_id AS id, m.ended_at AS happened, i.street_code, i.community_code, i.grid_code, m.kind AS grp,
  coalesce(m.outcome = 'agreed', false) AS hit
FROM mediations m LEFT JOIN meant i ON i.incident_id = m.incident_id
WHERE m.ended_at IS NOT NULL
