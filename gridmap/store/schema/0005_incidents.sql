-- Incidents and what happened to them. These tables hold millions of rows.

CREATE TABLE matter_types (
  matter_code VARCHAR NOT NULL,
  standard_ref VARCHAR NOT NULL,
  class_code VARCHAR NOT NULL,
  class_zh VARCHAR,
  class_en VARCHAR,
  name_zh VARCHAR NOT NULL,
  name_en VARCHAR,
  is_local BOOLEAN NOT NULL,
  default_dept_id VARCHAR REFERENCES departments (dept_id),
  urgency VARCHAR,
  PRIMARY KEY (standard_ref, matter_code),
  CHECK (starts_with(matter_code, class_code))
);

-- What a feed with an older numbering means by its code: ask every feed which numbering it uses.
CREATE TABLE matter_numberings (
  numbering VARCHAR NOT NULL,
  old_code VARCHAR NOT NULL,
  matter_code VARCHAR,
  name_zh VARCHAR,
  source VARCHAR,
  PRIMARY KEY (numbering, old_code)
);

-- The speech's own words for disorder, and the national codes they stand for.
CREATE TABLE seed_violations (
  violation_zh VARCHAR NOT NULL,
  violation_en VARCHAR NOT NULL,
  rule VARCHAR NOT NULL,
  matter_code VARCHAR NOT NULL,
  is_main BOOLEAN NOT NULL,
  PRIMARY KEY (violation_zh, matter_code)
);

CREATE TABLE sla_rules (
  rule_id VARCHAR PRIMARY KEY,
  matter_code VARCHAR,
  channel VARCHAR,
  stage VARCHAR NOT NULL CHECK (stage IN ('accept', 'arrive', 'close')),
  limit_value DOUBLE CHECK (limit_value > 0),
  limit_unit VARCHAR,
  clock VARCHAR,
  source VARCHAR
);

-- Differs from the dossier's table. No PRIMARY KEY: its index over 10 million texts costs more room than the data and makes each append pay;
-- the loader keeps incident_id unique and verify() counts again. No geometry: lon and lat hold the same at a third of the size, rounded
-- to 1e-7 degree (1 cm). Rows are kept in the order of reported_at, so a filter by time reads only its own row groups.
-- grid_code is the grid in force now, day_grid_code the grid of the incident's day (before the first version: of the first).
-- cell is the quadkey of the web-mercator tile at zoom 20 the point lies in, as a number: cell >> 2*(20 - z) is the tile at zoom z.
CREATE TABLE incidents (
  incident_id VARCHAR NOT NULL,
  incident_no VARCHAR,
  matter_code VARCHAR,
  title_zh VARCHAR,
  description_zh VARCHAR,
  channel VARCHAR CHECK (channel IN ('patrol', 'assist', 'property', 'resident', 'hotline')),
  reported_at TIMESTAMP NOT NULL,
  accepted_at TIMESTAMP,
  arrived_at TIMESTAMP,
  closed_at TIMESTAMP,
  due_at TIMESTAMP,
  status VARCHAR CHECK (status IN ('new', 'accepted', 'assigned', 'handling', 'coordinating', 'checking', 'closed', 'returned', 'deferred', 'void')),
  current_level VARCHAR CHECK (current_level IN ('community', 'street', 'district')),
  top_level VARCHAR CHECK (top_level IN ('community', 'street', 'district')),
  grid_code VARCHAR,
  day_grid_code VARCHAR,
  community_code VARCHAR,
  street_code VARCHAR,
  compound_id VARCHAR,
  reporter_staff_id VARCHAR,
  handler_staff_id VARCHAR,
  handler_dept_id VARCHAR,
  is_resident_reported BOOLEAN,
  on_the_spot BOOLEAN,           -- added: settled where it was found, the one case in which finder may be handler (R35)
  duplicate_of VARCHAR,
  recurrence_of VARCHAR,
  reopen_count SMALLINT NOT NULL DEFAULT 0 CHECK (reopen_count >= 0),
  deferred BOOLEAN NOT NULL DEFAULT false,
  is_petition BOOLEAN,           -- added: R51, R52
  resolved BOOLEAN,
  satisfied BOOLEAN,
  source_system VARCHAR,
  source_id VARCHAR,
  lon DOUBLE,
  lat DOUBLE,
  cell BIGINT,
  CHECK (accepted_at >= reported_at),
  CHECK (closed_at >= reported_at)
);

CREATE TABLE incident_events (
  event_id VARCHAR NOT NULL,
  incident_id VARCHAR NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  step VARCHAR NOT NULL CHECK (step IN ('discover', 'push', 'dispose', 'coordinate', 'supervise', 'feedback')),
  action VARCHAR,
  from_level VARCHAR CHECK (from_level IN ('community', 'street', 'district')),
  to_level VARCHAR CHECK (to_level IN ('community', 'street', 'district')),
  from_dept_id VARCHAR,
  to_dept_id VARCHAR,
  actor_staff_id VARCHAR,
  occurred_at TIMESTAMP NOT NULL,
  note_zh VARCHAR
);

CREATE TABLE whistles (
  whistle_id VARCHAR PRIMARY KEY,
  incident_id VARCHAR,
  community_code VARCHAR,        -- watched, not a native key: a row with responses could not be changed any more (0001)
  blown_at TIMESTAMP NOT NULL,
  reason VARCHAR,
  blown_by VARCHAR,
  closed_at TIMESTAMP            -- added: an open whistle is one without it
);

CREATE TABLE whistle_responses (
  whistle_id VARCHAR NOT NULL REFERENCES whistles (whistle_id),
  dept_id VARCHAR NOT NULL REFERENCES departments (dept_id),
  required_by TIMESTAMP,
  reported_at TIMESTAMP,
  left_at TIMESTAMP,
  street_rating INTEGER CHECK (street_rating BETWEEN 0 AND 100),
  PRIMARY KEY (whistle_id, dept_id),
  CHECK (left_at >= reported_at)
);

CREATE TABLE mediations (
  mediation_id VARCHAR PRIMARY KEY,
  incident_id VARCHAR,
  kind VARCHAR NOT NULL CHECK (kind IN ('people', 'administrative', 'judicial')),
  venue VARCHAR,
  level VARCHAR,
  started_at TIMESTAMP,
  ended_at TIMESTAMP,
  outcome VARCHAR,
  helper_kind VARCHAR,           -- added: lawyer | legal_worker | psychologist (R51)
  petition_after BOOLEAN,
  CHECK (ended_at >= started_at)
);

INSERT INTO watched_references VALUES
  ('incidents', 'grid_code', 'grids_now', 'grid_code'),
  ('incidents', 'community_code', 'divisions', 'code'),
  ('incidents', 'street_code', 'divisions', 'code'),
  ('incidents', 'matter_code', 'matter_types', 'matter_code'),
  ('incidents', 'compound_id', 'compounds', 'compound_id'),
  ('incidents', 'handler_dept_id', 'departments', 'dept_id'),
  ('incidents', 'reporter_staff_id', 'staff', 'staff_id'),
  ('incidents', 'handler_staff_id', 'staff', 'staff_id'),
  ('incident_events', 'incident_id', 'incidents', 'incident_id'),
  ('whistles', 'community_code', 'divisions', 'code'),
  ('whistles', 'incident_id', 'incidents', 'incident_id'),
  ('mediations', 'incident_id', 'incidents', 'incident_id');
