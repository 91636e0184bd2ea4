-- id: R51
-- name_zh: 信访案件专业力量介入率
-- name_en: Petition cases with a professional helper
-- kind: share
-- unit: share
-- formula: petition cases in which a lawyer, legal worker or psychologist helped / petition cases
-- formula_zh: 有律师、法律工作者或心理咨询师参与的信访件数 ÷ 信访件数
-- grp: channel
-- threshold: none
-- better: up
-- rules: R51
-- source: speech R51
-- source_zh: 讲话 R51
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp,
  incident_id IN (SELECT incident_id FROM mediations WHERE helper_kind IS NOT NULL AND incident_id IS NOT NULL) AS hit
FROM meant
WHERE is_petition
