-- id: R61
-- name_zh: 志愿服务覆盖率
-- name_en: People served by volunteers
-- kind: ratio
-- unit: share
-- formula: people served / people listed, by group; counts only, no names
-- grp: group
-- threshold: none
-- better: up
-- rules: R61
-- source: speech R61
SELECT v.service_id AS id, c.street_code, v.community_code, v.client_group AS grp, v.hours,
  coalesce(v.served, 0) AS amount, v.listed AS base
FROM volunteering v LEFT JOIN communities c ON c.community_code = v.community_code
WHERE v.listed > 0
