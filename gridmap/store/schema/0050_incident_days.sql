-- How many incidents were reported on each day in each community: what counts by day, week and month read instead of turning ten million
-- times into days. 150 communities and two years are 100,000 rows. Written and packed like incident_cells (0030), but incidents without a
-- point are in it, too; void ones are not.
CREATE TABLE incident_days (
  day DATE NOT NULL,
  street_code VARCHAR,
  community_code VARCHAR,
  n INTEGER NOT NULL
);

INSERT INTO incident_days
  SELECT reported_at::DATE, street_code, community_code, count(*)
  FROM incidents WHERE status IS DISTINCT FROM 'void' GROUP BY ALL ORDER BY ALL;

INSERT INTO store_meta SELECT 'incident_days', count(*) FROM incident_days;
