-- id: K31
-- name_zh: 经费执行率
-- name_en: Budget paid out
-- kind: ratio
-- unit: share
-- formula: paid / budgeted
-- formula_zh: 已支出经费 ÷ 预算经费
-- grp: fund
-- threshold: none
-- better: up
-- rules: R62
-- source: speech R62
-- source_zh: 讲话 R62
SELECT b.budget_id AS id, c.street_code, b.community_code, b.fund_kind AS grp, b.year, coalesce(b.paid_cny, 0) AS amount, b.budgeted_cny AS base
FROM budgets b LEFT JOIN communities c ON c.community_code = b.community_code
WHERE b.budgeted_cny > 0
