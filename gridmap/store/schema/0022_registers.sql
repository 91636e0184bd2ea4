-- Registers of the mechanisms around the grid (R01-R10, R14, R44, R57, R60-R61, R64-R65, R67, R69); described in data/reference/forms.csv.

CREATE TABLE leaders (
  leader_id VARCHAR PRIMARY KEY,
  level VARCHAR NOT NULL,
  place_code VARCHAR,
  role VARCHAR NOT NULL,
  name_masked VARCHAR,
  since_on DATE
);

CREATE TABLE tasks (
  task_id VARCHAR PRIMARY KEY,
  name_zh VARCHAR NOT NULL,
  level VARCHAR NOT NULL,
  street_code VARCHAR,
  lead_dept_id VARCHAR,
  unit_zh VARCHAR,
  due_on DATE,
  done_on DATE
);

CREATE TABLE work_meetings (
  meeting_id VARCHAR PRIMARY KEY,
  kind VARCHAR NOT NULL,
  level VARCHAR NOT NULL,
  held_on DATE NOT NULL,
  name_zh VARCHAR,
  decisions_zh VARCHAR
);

CREATE TABLE work_actions (
  action_id VARCHAR PRIMARY KEY,
  meeting_id VARCHAR,
  name_zh VARCHAR NOT NULL,
  unit_zh VARCHAR,
  street_code VARCHAR,
  due_on DATE,
  done_on DATE
);

CREATE TABLE joint_committees (
  committee_id VARCHAR PRIMARY KEY,
  kind VARCHAR NOT NULL,
  street_code VARCHAR,
  community_code VARCHAR,
  member_units INTEGER CHECK (member_units >= 0),
  resources_zh VARCHAR
);

CREATE TABLE dept_plans (
  plan_id VARCHAR PRIMARY KEY,
  dept_id VARCHAR NOT NULL,
  name_zh VARCHAR,
  issued_on DATE
);

CREATE TABLE inspections (
  inspection_id VARCHAR PRIMARY KEY,
  street_code VARCHAR,
  community_code VARCHAR,
  name_zh VARCHAR NOT NULL,
  found_on DATE NOT NULL,
  due_on DATE,
  corrected_on DATE
);

CREATE TABLE stories (
  story_id VARCHAR PRIMARY KEY,
  name_zh VARCHAR NOT NULL,
  street_code VARCHAR,
  community_code VARCHAR,
  text_zh VARCHAR,
  published_on DATE
);

CREATE TABLE elections (
  election_id VARCHAR PRIMARY KEY,
  community_code VARCHAR NOT NULL,
  due_on DATE,
  held_on DATE,
  crossed_posts INTEGER CHECK (crossed_posts >= 0)
);

CREATE TABLE party_contacts (
  contact_id VARCHAR PRIMARY KEY,
  street_code VARCHAR NOT NULL,
  dept_id VARCHAR NOT NULL,
  contact_zh VARCHAR,
  connected BOOLEAN
);

CREATE TABLE projects (
  project_id VARCHAR PRIMARY KEY,
  name_zh VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  acquire_mode VARCHAR,
  stage VARCHAR,
  street_code VARCHAR,
  community_code VARCHAR,
  cost_cny DOUBLE CHECK (cost_cny >= 0),
  due_on DATE,
  done_on DATE
);

CREATE TABLE social_projects (
  project_id VARCHAR PRIMARY KEY,
  organisation_zh VARCHAR NOT NULL,
  name_zh VARCHAR NOT NULL,
  mode VARCHAR NOT NULL,
  community_code VARCHAR,
  amount_cny DOUBLE CHECK (amount_cny >= 0),
  started_on DATE,
  ended_on DATE,
  CHECK (ended_on >= started_on)
);

CREATE TABLE volunteering (
  service_id VARCHAR PRIMARY KEY,
  community_code VARCHAR NOT NULL,
  field VARCHAR NOT NULL,
  client_group VARCHAR,
  listed INTEGER CHECK (listed >= 0),
  served INTEGER CHECK (served >= 0),
  volunteers INTEGER CHECK (volunteers >= 0),
  hours DOUBLE CHECK (hours >= 0),
  held_on DATE
);

CREATE TABLE platform_modules (
  module_id VARCHAR PRIMARY KEY,
  community_code VARCHAR NOT NULL,
  module VARCHAR NOT NULL,
  live BOOLEAN
);

CREATE TABLE sensors (
  sensor_id VARCHAR PRIMARY KEY,
  community_code VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  installed INTEGER CHECK (installed >= 0),
  online INTEGER CHECK (online >= 0)
);

CREATE TABLE key_areas (
  area_id VARCHAR PRIMARY KEY,
  name_zh VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  street_code VARCHAR,
  community_code VARCHAR,
  started_on DATE,
  ended_on DATE,
  CHECK (ended_on >= started_on)
);

INSERT INTO watched_references VALUES
  ('tasks', 'street_code', 'divisions', 'code'),
  ('work_actions', 'street_code', 'divisions', 'code'),
  ('joint_committees', 'street_code', 'divisions', 'code'),
  ('joint_committees', 'community_code', 'divisions', 'code'),
  ('dept_plans', 'dept_id', 'departments', 'dept_id'),
  ('inspections', 'street_code', 'divisions', 'code'),
  ('inspections', 'community_code', 'divisions', 'code'),
  ('stories', 'street_code', 'divisions', 'code'),
  ('stories', 'community_code', 'divisions', 'code'),
  ('elections', 'community_code', 'divisions', 'code'),
  ('party_contacts', 'street_code', 'divisions', 'code'),
  ('party_contacts', 'dept_id', 'departments', 'dept_id'),
  ('projects', 'street_code', 'divisions', 'code'),
  ('projects', 'community_code', 'divisions', 'code'),
  ('social_projects', 'community_code', 'divisions', 'code'),
  ('volunteering', 'community_code', 'divisions', 'code'),
  ('platform_modules', 'community_code', 'divisions', 'code'),
  ('sensors', 'community_code', 'divisions', 'code'),
  ('key_areas', 'street_code', 'divisions', 'code'),
  ('key_areas', 'community_code', 'divisions', 'code');
