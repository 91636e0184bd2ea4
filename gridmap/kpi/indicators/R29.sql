-- id: R29
-- name_zh: 网格党组织书记配备率
-- name_en: Grid Party organisations with a secretary
-- kind: share
-- unit: share
-- formula: organisations on a grid with a secretary / organisations on a grid
-- formula_zh: 配有书记的网格党组织数 ÷ 网格党组织数
-- threshold: 1
-- better: up
-- rules: R29
-- source: speech R29
-- source_zh: 讲话 R29
SELECT o.party_org_id AS id, g.street_code, g.community_code, o.grid_code, o.name_zh AS label, o.secretary_staff_id IS NOT NULL AS hit
FROM party_orgs o JOIN grids g ON g.grid_code = o.grid_code
