-- id: R01
-- name_zh: 双组长到位率
-- name_en: Both heads named
-- kind: ratio
-- unit: share
-- formula: heads named, one from the organisation department and one from the government / two in each district
-- formula_zh: 已明确的组长人数（组织部门一名、政府一名）÷ 每区两名
-- threshold: 1
-- better: up
-- rules: R01
-- source: speech R01
-- source_zh: 讲话 R01
SELECT d.district_code AS id, d.name_zh AS label, coalesce(l.heads, 0) AS amount, 2 AS base
FROM districts d
LEFT JOIN (
  SELECT place_code, count(DISTINCT role) AS heads FROM leaders
  WHERE role IN ('head_organisation', 'head_government') AND name_masked IS NOT NULL AND (since_on IS NULL OR since_on <= $as_of::DATE)
  GROUP BY place_code
) l ON l.place_code = d.district_code
WHERE d.valid_to IS NULL
