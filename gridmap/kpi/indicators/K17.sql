-- id: K17
-- name_zh: 干净归并率
-- name_en: Clean merge
-- kind: share
-- unit: share
-- formula: old grids that lie in one all-subject grid, pieces below sliver_share left out / old grids
-- formula_zh: 整体归入一个全科网格的原网格数（碎片不计）÷ 原网格数
-- grp: layer
-- threshold: none
-- better: up
-- settings: sliver_share
-- rules: R27
-- source: formula inferred
-- source_zh: 口径为推定
SELECT w.layer_key || ' ' || w.dgrid_id AS id, w.layer_key AS grp, arg_max(g.street_code, w.share_of_dgrid) AS street_code,
  arg_max(g.community_code, w.share_of_dgrid) AS community_code, count(*) FILTER (w.share_of_dgrid >= setting('sliver_share')) AS pieces,
  count(*) FILTER (w.share_of_dgrid >= setting('sliver_share')) = 1 AS hit
FROM way w JOIN grids g ON g.grid_code = w.grid_code
GROUP BY w.layer_key, w.dgrid_id
