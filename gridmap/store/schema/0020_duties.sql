-- The six duties' logs (R28), plans of patrols, spot checks: what is done in the grid besides cases.

CREATE TABLE duty_logs (
  log_id VARCHAR PRIMARY KEY,
  duty_id VARCHAR NOT NULL,
  grid_code VARCHAR,
  community_code VARCHAR,
  staff_id VARCHAR,
  done_at TIMESTAMP NOT NULL,
  households INTEGER CHECK (households >= 0),
  incident_id VARCHAR,
  note_zh VARCHAR
);

CREATE TABLE patrol_plans (
  plan_id VARCHAR PRIMARY KEY,
  grid_code VARCHAR NOT NULL,
  staff_id VARCHAR,
  weekday INTEGER CHECK (weekday BETWEEN 1 AND 7),
  starts_at VARCHAR,
  note_zh VARCHAR
);

CREATE TABLE spot_checks (
  check_id VARCHAR PRIMARY KEY,
  incident_id VARCHAR NOT NULL,
  drawn_at TIMESTAMP NOT NULL,
  checked_at TIMESTAMP,
  passed BOOLEAN,
  checked_by VARCHAR,
  note_zh VARCHAR
);

INSERT INTO watched_references VALUES
  ('duty_logs', 'duty_id', 'duties', 'duty_id'),
  ('duty_logs', 'grid_code', 'grids_now', 'grid_code'),
  ('duty_logs', 'incident_id', 'incidents', 'incident_id'),
  ('patrol_plans', 'grid_code', 'grids_now', 'grid_code'),
  ('patrol_plans', 'staff_id', 'staff', 'staff_id'),
  ('spot_checks', 'incident_id', 'incidents', 'incident_id');
