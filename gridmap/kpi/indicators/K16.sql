-- id: K16
-- name_zh: 整合倍数
-- name_en: Merge factor
-- kind: ratio
-- unit: times
-- formula: old departmental grids / all-subject grids; an old grid counts in the street that holds most of it
-- formula_zh: 部门原有网格数 ÷ 全科网格数；原网格计入其面积最大的街道
-- threshold: none
-- rules: 
-- source: practice of Tunxi in merging grids (2.0 times)
-- source_zh: 屯溪区多网合一实践（2.0 倍）
WITH main AS (
  SELECT w.layer_key, w.dgrid_id, arg_max(g.street_code, w.share_of_dgrid) AS street_code
  FROM way w JOIN grids g ON g.grid_code = w.grid_code GROUP BY w.layer_key, w.dgrid_id
)
SELECT layer_key || ' ' || dgrid_id AS id, street_code, layer_key AS grp, 1 AS amount, 0 AS base FROM main
UNION ALL BY NAME
SELECT grid_code AS id, street_code, community_code, grid_code, 0 AS amount, 1 AS base FROM grids
