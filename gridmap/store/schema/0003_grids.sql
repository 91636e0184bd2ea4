-- Departmental layers as they were sent, every version of the unified grids, and the way from the one to the other.

-- A departmental layer is saved whole each time it changes, so that any merge can be traced to what it was made from.
CREATE TABLE layer_versions (
  layer_key VARCHAR NOT NULL,
  layer_version INTEGER NOT NULL,
  source VARCHAR,
  source_crs VARCHAR,
  shapes INTEGER NOT NULL,
  digest VARCHAR NOT NULL,       -- of ids and geometry: the same layer saved twice stays one version
  saved_at TIMESTAMP NOT NULL,
  PRIMARY KEY (layer_key, layer_version)
);

CREATE TABLE grids_departmental (
  layer_key VARCHAR NOT NULL,
  layer_version INTEGER NOT NULL,
  dgrid_id VARCHAR NOT NULL,     -- the department's own id, unique within its layer
  name_zh VARCHAR,
  dept_id VARCHAR,
  street_code VARCHAR,
  community_code VARCHAR,
  households INTEGER CHECK (households >= 0),
  area_m2 DOUBLE,
  attributes VARCHAR,            -- the other columns of the file, as JSON
  geom GEOMETRY,
  PRIMARY KEY (layer_key, layer_version, dgrid_id),
  FOREIGN KEY (layer_key, layer_version) REFERENCES layer_versions (layer_key, layer_version)
);

-- The register of plan versions: number only, never changed or deleted, so that it can be a parent. What changes about a version
-- stands in grid_version_states and grid_periods, which only grow.
CREATE TABLE grid_versions (
  version INTEGER PRIMARY KEY,
  note VARCHAR,
  norm_low DOUBLE,
  norm_high DOUBLE,
  grids INTEGER NOT NULL,
  digest VARCHAR NOT NULL,       -- of codes and geometry; verify() recomputes it: a published version cannot be changed unseen
  made_at TIMESTAMP NOT NULL
);

-- draft -> (proposed -> approved) -> published -> replaced or withdrawn (by a rollback) -> published again ...
CREATE TABLE grid_version_states (
  version INTEGER NOT NULL REFERENCES grid_versions (version),
  seq INTEGER NOT NULL,
  status VARCHAR NOT NULL CHECK (status IN ('draft', 'proposed', 'approved', 'published', 'replaced', 'withdrawn')),
  who VARCHAR,
  changed_at TIMESTAMP NOT NULL,
  PRIMARY KEY (version, seq)
);

-- When a version was in force: half-open, at most one open end. A rollback closes one period and opens another of the older version, so a
-- version can have several; an incident keeps the grid of its day whatever comes later.
CREATE TABLE grid_periods (
  period INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES grid_versions (version),
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP,
  CHECK (valid_to >= valid_from)
);

-- Differs from the dossier's table: version is part of the key, status and validity stand above, once a version instead of once a grid.
CREATE TABLE grids_unified (
  version INTEGER NOT NULL REFERENCES grid_versions (version),
  grid_code VARCHAR NOT NULL,
  community_code VARCHAR NOT NULL REFERENCES divisions (code),
  street_code VARCHAR NOT NULL,
  name_zh VARCHAR,
  grid_type VARCHAR NOT NULL DEFAULT 'basic' CHECK (grid_type IN ('basic', 'dedicated')),
  households INTEGER CHECK (households >= 0),
  resident_population INTEGER CHECK (resident_population >= 0),
  area_m2 DOUBLE NOT NULL CHECK (area_m2 > 0),
  boundary_basis VARCHAR,
  geom GEOMETRY NOT NULL,
  PRIMARY KEY (version, grid_code),
  CHECK (starts_with(grid_code, community_code)),
  CHECK (starts_with(community_code, street_code))
);

-- The crosswalk of each version. share_of_dgrid sums to 1 over an old grid, by area and by households.
CREATE TABLE grid_merge_map (
  version INTEGER NOT NULL REFERENCES grid_versions (version),
  layer_key VARCHAR NOT NULL,
  dgrid_id VARCHAR NOT NULL,
  grid_code VARCHAR NOT NULL,
  overlap_m2 DOUBLE NOT NULL CHECK (overlap_m2 >= 0),
  households DOUBLE CHECK (households >= 0),
  share_of_dgrid DOUBLE NOT NULL CHECK (share_of_dgrid BETWEEN 0 AND 1.000001),
  share_of_unified DOUBLE CHECK (share_of_unified BETWEEN 0 AND 1.000001),
  relation VARCHAR CHECK (relation IN ('same', 'inside', 'contains', 'partial')),
  PRIMARY KEY (version, layer_key, dgrid_id, grid_code)
);

CREATE TABLE grid_conflicts (
  conflict_id VARCHAR PRIMARY KEY,
  version INTEGER,
  conflict_type VARCHAR NOT NULL CHECK (conflict_type IN ('overlap', 'gap', 'sliver', 'cross_community', 'cross_street', 'cuts_compound',
    'multipart', 'invalid_geom', 'orphan', 'code_mismatch', 'size_out_of_range')),
  street_code VARCHAR,
  left_id VARCHAR,
  right_id VARCHAR,
  area_m2 DOUBLE,
  geom GEOMETRY,
  severity VARCHAR,
  status VARCHAR,
  decided_by VARCHAR,
  decided_at TIMESTAMP,
  decision_zh VARCHAR
);

CREATE TABLE grid_change_log (
  change_id VARCHAR PRIMARY KEY,
  grid_code VARCHAR NOT NULL,
  change_type VARCHAR NOT NULL CHECK (change_type IN ('added', 'removed', 'reshaped')),
  reason VARCHAR,
  old_version INTEGER,
  new_version INTEGER,
  old_area_m2 DOUBLE,
  new_area_m2 DOUBLE,
  requested_by VARCHAR,
  approved_by VARCHAR,
  effective_on DATE NOT NULL
);

-- The grids in force, for every query that means "now".
CREATE VIEW grids_now AS
  SELECT g.* FROM grids_unified g JOIN grid_periods p ON p.version = g.version WHERE p.valid_to IS NULL;

CREATE VIEW merge_map_now AS
  SELECT m.* FROM grid_merge_map m JOIN grid_periods p ON p.version = m.version WHERE p.valid_to IS NULL;

-- The last version of each departmental layer.
CREATE VIEW layers_now AS
  SELECT d.* FROM grids_departmental d
  JOIN (SELECT layer_key, max(layer_version) AS layer_version FROM layer_versions GROUP BY layer_key) l
    ON l.layer_key = d.layer_key AND l.layer_version = d.layer_version;
