-- Ground with rules of its own for a time: what the one map shows hatched (R54, R69). Geometry is EPSG:4490.
CREATE TABLE restricted_areas (
  area_id VARCHAR PRIMARY KEY,
  kind VARCHAR NOT NULL CHECK (kind IN ('demolition', 'roadworks', 'key_area', 'closed')),
  name_zh VARCHAR NOT NULL,
  reason_zh VARCHAR,
  valid_from DATE,
  valid_to DATE,
  geom GEOMETRY,
  CHECK (valid_to >= valid_from)
);
