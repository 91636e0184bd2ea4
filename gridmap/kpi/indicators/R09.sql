-- id: R09
-- name_zh: 双向考核得分
-- name_en: Two-way scores
-- kind: ratio
-- unit: points
-- formula: Σ (weight × score) / Σ weight of each direction
-- formula_zh: 每个考核方向的 Σ（权重 × 得分）÷ Σ 权重
-- grp: direction
-- threshold: none
-- blank: score_weight_down and score_weight_up are not set: the two directions are shown apart and never added
-- rules: R09
-- source: speech R09
-- source_zh: 讲话 R09
SELECT assessment_id AS id, direction AS grp, assessee_id AS label, weight * score AS amount, weight AS base
FROM assessments
WHERE weight > 0 AND score IS NOT NULL
