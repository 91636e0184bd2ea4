-- id: K10
-- name_zh: 渠道构成
-- name_en: Channel mix
-- kind: mix
-- unit: share
-- formula: cases of a channel / all cases
-- formula_zh: 各渠道件数 ÷ 全部件数
-- grp: channel
-- threshold: none
-- rules: R39
-- source: speech R39
-- source_zh: 讲话 R39
SELECT incident_id AS id, reported_at AS happened, street_code, community_code, grid_code, channel AS grp
FROM meant
