-- id: K15
-- name_zh: 过小或过大网格
-- name_en: Grids too small or too large
-- kind: count
-- unit: grids
-- formula: basic grids below norm_low or above norm_high
-- formula_zh: 户数低于规模下限或高于规模上限的基本网格数
-- grp: size
-- threshold: none
-- better: down
-- settings: norm_low norm_high
-- rules: 
-- source: rules of Zhoushan for dividing grids
-- source_zh: 舟山市网格划分办法
SELECT grid_code AS id, street_code, community_code, grid_code, households,
  CASE WHEN households < setting('norm_low') THEN 'small' ELSE 'large' END AS grp
FROM grids
WHERE grid_type = 'basic' AND NOT households BETWEEN setting('norm_low') AND setting('norm_high')
