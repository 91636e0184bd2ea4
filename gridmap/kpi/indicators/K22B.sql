-- id: K22B
-- name_zh: 综合性示范社区比例
-- name_en: Communities with a demonstration centre
-- kind: share
-- unit: share
-- formula: communities whose own centre is above centre_demo_m2 / communities; a sub-district's centre is not one
-- formula_zh: 本社区中心面积超过示范标准的社区数 ÷ 社区数；街道中心不计入
-- threshold: demonstration_share
-- better: up
-- settings: centre_demo_m2
-- blank: the share asked for is not set: the figure is shown without a goal
-- rules: R56
-- source: speech R56
-- source_zh: 讲话 R56
SELECT c.community_code AS id, c.street_code, c.community_code, c.name_zh AS label,
  c.community_code IN (
    SELECT community_code FROM service_centres
    WHERE community_code IS NOT NULL AND centre_level = 'community' AND floor_area_m2 > setting('centre_demo_m2')) AS hit
FROM communities c
WHERE c.valid_to IS NULL
