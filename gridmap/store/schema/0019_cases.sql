-- Cases as living records: what an event needs so that a case can be told from its events alone, and what decides place and limit.

ALTER TABLE incidents ADD COLUMN address_zh VARCHAR;
ALTER TABLE incidents ADD COLUMN awaiting VARCHAR;    -- defer | carry: what waits for approval
ALTER TABLE incidents ADD COLUMN seq INTEGER;         -- the last event the row was computed from; empty for a row that was loaded

ALTER TABLE incident_events ADD COLUMN actor VARCHAR; -- the account that acted
ALTER TABLE incident_events ADD COLUMN data VARCHAR;  -- whose hand it was and what was said with it, as JSON

ALTER TABLE sla_rules ADD COLUMN pausable BOOLEAN;    -- whether the limit stands while a case is carried over (挂账)

-- Days that are worked or not, put right by a person: goes before the published calendar.
CREATE TABLE calendar_days (
  day DATE PRIMARY KEY,
  works BOOLEAN NOT NULL,
  name_zh VARCHAR,
  source VARCHAR
);

-- Who leads which matter at which level (R46). One lead a cell is the rule; a second row is kept and shown as a double.
CREATE TABLE responsibilities (
  matter_code VARCHAR NOT NULL,
  level VARCHAR NOT NULL CHECK (level IN ('community', 'street', 'district')),
  dept_id VARCHAR NOT NULL,
  source VARCHAR,
  PRIMARY KEY (matter_code, level, dept_id)
);

-- What people call a matter.
CREATE TABLE matter_synonyms (
  word VARCHAR NOT NULL,
  matter_code VARCHAR NOT NULL,
  PRIMARY KEY (word, matter_code)
);

-- As what an account works: an account may have several posts, and chooses.
CREATE TABLE work_posts (
  post_id VARCHAR PRIMARY KEY,
  account VARCHAR NOT NULL,
  name_zh VARCHAR,
  role VARCHAR NOT NULL CHECK (role IN ('worker', 'desk', 'department', 'supervisor', 'leader', 'system')),
  level VARCHAR CHECK (level IN ('community', 'street', 'district')),
  territory VARCHAR,
  dept_id VARCHAR,
  staff_id VARCHAR
);

-- Answers given to whoever sent a key with a request: the same key again gets the same answer and changes nothing.
CREATE TABLE case_requests (
  request_key VARCHAR PRIMARY KEY,
  incident_id VARCHAR NOT NULL,
  seq INTEGER NOT NULL,
  answered_at TIMESTAMP NOT NULL
);

CREATE SEQUENCE case_numbers;

INSERT INTO watched_references VALUES
  ('responsibilities', 'dept_id', 'departments', 'dept_id'),
  ('responsibilities', 'matter_code', 'matter_types', 'matter_code'),
  ('matter_synonyms', 'matter_code', 'matter_types', 'matter_code');
