-- Divisions, compounds, buildings, roads and waters. Geometry is EPSG:4490, x = longitude; areas are m² measured in the local 3° zone.

-- The register of division codes: append only, so that it can be the parent of foreign keys (see 0001). A code that ever existed stays;
-- from when to when it was valid is said in the tables below.
CREATE TABLE divisions (
  code VARCHAR PRIMARY KEY,
  level VARCHAR NOT NULL CHECK (level IN ('district', 'street', 'community'))
);

CREATE TABLE districts (
  district_code VARCHAR PRIMARY KEY REFERENCES divisions (code),
  name_zh VARCHAR NOT NULL,
  area_m2 DOUBLE CHECK (area_m2 > 0),
  geom GEOMETRY,
  valid_from DATE,
  valid_to DATE,
  CHECK (valid_to > valid_from)
);

CREATE TABLE streets (
  street_code VARCHAR PRIMARY KEY REFERENCES divisions (code),
  district_code VARCHAR NOT NULL REFERENCES divisions (code),
  name_zh VARCHAR NOT NULL,
  street_kind VARCHAR,
  area_m2 DOUBLE CHECK (area_m2 > 0),
  geom GEOMETRY,
  valid_from DATE,
  valid_to DATE,
  CHECK (valid_to > valid_from),
  CHECK (starts_with(street_code, district_code))
);

CREATE TABLE communities (
  community_code VARCHAR PRIMARY KEY REFERENCES divisions (code),
  street_code VARCHAR NOT NULL REFERENCES divisions (code),
  name_zh VARCHAR NOT NULL,
  urban_rural_code VARCHAR,
  households INTEGER CHECK (households >= 0),
  resident_population INTEGER CHECK (resident_population >= 0),
  party_secretary_staff_id VARCHAR,
  committee_director_staff_id VARCHAR,
  area_m2 DOUBLE CHECK (area_m2 > 0),
  geom GEOMETRY,
  valid_from DATE,
  valid_to DATE,
  CHECK (valid_to > valid_from),
  CHECK (starts_with(community_code, street_code))
);

CREATE TABLE compounds (
  compound_id VARCHAR PRIMARY KEY,
  community_code VARCHAR NOT NULL REFERENCES divisions (code),
  name_zh VARCHAR,
  is_old BOOLEAN,
  has_property_mgmt BOOLEAN,
  pm_kind VARCHAR,
  property_company_id VARCHAR,
  households INTEGER CHECK (households >= 0),
  geom GEOMETRY
);

CREATE TABLE buildings (
  building_id VARCHAR PRIMARY KEY,
  compound_id VARCHAR,
  community_code VARCHAR REFERENCES divisions (code),
  units INTEGER CHECK (units >= 0),
  households INTEGER CHECK (households >= 0),
  geom GEOMETRY
);

CREATE TABLE micro_units (
  micro_unit_id VARCHAR PRIMARY KEY,
  grid_code VARCHAR,             -- of the grids in force; may be empty until a first version is published
  building_id VARCHAR,
  unit_no VARCHAR,
  households INTEGER CHECK (households >= 0),
  leader_staff_id VARCHAR
);

CREATE TABLE roads (
  road_id VARCHAR PRIMARY KEY,
  name_zh VARCHAR,
  road_class VARCHAR,
  geom GEOMETRY
);

CREATE TABLE waters (
  water_id VARCHAR PRIMARY KEY,
  name_zh VARCHAR,
  geom GEOMETRY
);

INSERT INTO watched_references VALUES
  ('communities', 'party_secretary_staff_id', 'staff', 'staff_id'),
  ('communities', 'committee_director_staff_id', 'staff', 'staff_id'),
  ('compounds', 'property_company_id', 'property_companies', 'property_company_id'),
  ('buildings', 'compound_id', 'compounds', 'compound_id'),
  ('micro_units', 'building_id', 'buildings', 'building_id'),
  ('micro_units', 'leader_staff_id', 'staff', 'staff_id');
