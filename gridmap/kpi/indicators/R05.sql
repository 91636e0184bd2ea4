-- id: R05
-- name_zh: 大工委、大党委组建率
-- name_en: Joint committees formed
-- kind: share
-- unit: share
-- formula: sub-districts and communities with a joint committee / sub-districts and communities
-- formula_zh: 建立大工委、大党委的街道社区数 ÷ 街道社区数
-- grp: level
-- threshold: none
-- better: up
-- rules: R05
-- source: speech R05
-- source_zh: 讲话 R05
SELECT street_code AS id, street_code, NULL AS community_code, 'street' AS grp, name_zh AS label,
  street_code IN (SELECT street_code FROM joint_committees WHERE kind = 'street' AND street_code IS NOT NULL) AS hit
FROM streets WHERE valid_to IS NULL
UNION ALL BY NAME
SELECT community_code AS id, street_code, community_code, 'community' AS grp, name_zh AS label,
  community_code IN (SELECT community_code FROM joint_committees WHERE kind = 'community' AND community_code IS NOT NULL) AS hit
FROM communities WHERE valid_to IS NULL
