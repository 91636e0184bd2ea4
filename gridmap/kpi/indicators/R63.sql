-- id: R63
-- name_zh: 经费达标率
-- name_en: Funds up to the standard
-- kind: share
-- unit: share
-- formula: communities whose special fund paid out reaches the standard / communities with a budget
-- formula_zh: 专项经费支出达到标准的社区数 ÷ 有预算的社区数
-- grp: fund
-- threshold: none
-- better: up
-- settings: special_fund_city_cny
-- blank: no figure: the amount is not set
-- rules: R63
-- source: speech R63
-- source_zh: 讲话 R63
SELECT b.budget_id AS id, c.street_code, b.community_code, b.fund_kind AS grp, b.year,
  CASE WHEN setting('special_fund_city_cny') IS NOT NULL THEN coalesce(b.paid_cny >= setting('special_fund_city_cny'), false) END AS hit
FROM budgets b LEFT JOIN communities c ON c.community_code = b.community_code
WHERE b.fund_kind = 'special'
