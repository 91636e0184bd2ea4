-- id: K20
-- name_zh: 党组织进网格率
-- name_en: Party organisation on the grid
-- kind: share
-- unit: share
-- formula: grids with a Party branch or group / grids
-- formula_zh: 建有党支部或党小组的网格数 ÷ 网格数
-- threshold: 1
-- better: up
-- rules: R29
-- source: speech R29
-- source_zh: 讲话 R29
SELECT grid_code AS id, street_code, community_code, grid_code,
  grid_code IN (SELECT grid_code FROM party_orgs WHERE org_kind IN ('party_branch', 'party_group') AND grid_code IS NOT NULL) AS hit
FROM grids
