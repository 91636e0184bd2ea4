-- id: K14
-- name_zh: 户数达标率
-- name_en: Grids of the right size
-- kind: share
-- unit: share
-- formula: basic grids with households between norm_low and norm_high / basic grids
-- formula_zh: 户数在规模下限与上限之间的基本网格数 ÷ 基本网格数
-- threshold: none
-- better: up
-- settings: norm_low norm_high
-- rules: 
-- source: rules of Zhoushan for dividing grids
-- source_zh: 舟山市网格划分办法
SELECT grid_code AS id, street_code, community_code, grid_code, households,
  households BETWEEN setting('norm_low') AND setting('norm_high') AS hit
FROM grids
WHERE grid_type = 'basic' AND households IS NOT NULL
