-- Where a meeting was held for: the code of a street or community, so that meetings can be drawn; the district's otherwise.
ALTER TABLE work_meetings ADD COLUMN place_code VARCHAR;
