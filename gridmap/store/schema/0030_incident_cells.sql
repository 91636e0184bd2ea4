-- How many incidents stand in each square of the map, month by month, in each community: what density maps read instead of ten million
-- rows. Months and squares of about 120 m shrink the incidents some fifteen times; days or finer squares would not shrink them.
-- Every write of incidents adds its own rows here, also negative ones, in the same transaction; n is summed when it is read, and a
-- publication or a load packs the table again. cell is incidents.cell >> 4 (zoom 18); void incidents and those without a point are not in it.
CREATE TABLE incident_cells (
  month DATE NOT NULL,
  cell BIGINT NOT NULL,
  street_code VARCHAR,
  community_code VARCHAR,
  n INTEGER NOT NULL
);

INSERT INTO incident_cells
  SELECT date_trunc('month', reported_at), cell >> 4, street_code, community_code, count(*)
  FROM incidents WHERE cell IS NOT NULL AND status IS DISTINCT FROM 'void' GROUP BY ALL ORDER BY ALL;

INSERT INTO store_meta SELECT 'incident_cells', count(*) FROM incident_cells;
