-- id: R59
-- name_zh: 社区工作者持证率
-- name_en: Certified community workers
-- kind: share
-- unit: share
-- formula: certified social workers / community workers in post
-- formula_zh: 持证社会工作者人数 ÷ 在岗社区工作者人数
-- threshold: none
-- better: up
-- rules: R59
-- source: speech R59
-- source_zh: 讲话 R59
SELECT s.staff_id AS id, c.street_code, s.community_code, coalesce(s.cert_social_worker, false) AS hit
FROM staff s LEFT JOIN communities c ON c.community_code = s.community_code
WHERE s.staff_kind = 'community_worker' AND (s.left_on IS NULL OR s.left_on > $as_of::DATE)
