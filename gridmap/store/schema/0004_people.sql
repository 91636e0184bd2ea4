-- Departments, staff, posts on the grid, Party organisations, centres, companies and committees.

CREATE TABLE departments (
  dept_id VARCHAR PRIMARY KEY,
  uscc VARCHAR,
  name_zh VARCHAR NOT NULL,
  name_en VARCHAR,
  dept_role VARCHAR,             -- enforcement | utility | plan | grid
  level VARCHAR
);

-- Names are stored masked; a person's place is never stored.
CREATE TABLE staff (
  staff_id VARCHAR PRIMARY KEY,
  name_masked VARCHAR,
  is_party_member BOOLEAN,
  staff_kind VARCHAR,
  community_code VARCHAR REFERENCES divisions (code),
  cert_social_worker BOOLEAN,
  hired_on DATE,
  left_on DATE,
  CHECK (left_on >= hired_on)
);

-- A post row without staff_id is a vacant post: it exists, is counted, and never passes.
CREATE TABLE grid_assignments (
  assignment_id VARCHAR PRIMARY KEY,
  grid_code VARCHAR NOT NULL,
  staff_id VARCHAR,
  post VARCHAR NOT NULL CHECK (post IN ('grid_head', 'full_time', 'part_time', 'party_secretary', 'enforcement', 'police', 'instructor')),
  duties VARCHAR[],
  start_on DATE,
  end_on DATE,
  CHECK (end_on >= start_on)
);

CREATE TABLE duties (
  duty_id VARCHAR PRIMARY KEY,
  name_zh VARCHAR NOT NULL,
  name_en VARCHAR NOT NULL,
  source VARCHAR
);

CREATE TABLE party_orgs (
  party_org_id VARCHAR PRIMARY KEY,
  org_kind VARCHAR CHECK (org_kind IN ('party_committee', 'general_branch', 'party_branch', 'party_group', 'joint_branch')),
  name_zh VARCHAR,
  parent_org_id VARCHAR,
  grid_code VARCHAR,
  community_code VARCHAR REFERENCES divisions (code),
  property_company_id VARCHAR,
  full_members INTEGER CHECK (full_members >= 0),
  probationary_members INTEGER CHECK (probationary_members >= 0),
  secretary_staff_id VARCHAR,
  founded_on DATE,
  is_weak BOOLEAN,
  fixed_on DATE,                 -- added: R15 counts fixed / flagged
  geom GEOMETRY
);

CREATE TABLE service_centres (
  centre_id VARCHAR PRIMARY KEY,
  community_code VARCHAR REFERENCES divisions (code),
  centre_level VARCHAR CHECK (centre_level IN ('district', 'street', 'community')),
  name_zh VARCHAR,
  floor_area_m2 DOUBLE CHECK (floor_area_m2 >= 0),
  acquire_mode VARCHAR CHECK (acquire_mode IN ('new_build', 'rebuild', 'extension', 'transfer')),
  is_demonstration BOOLEAN,
  has_elderly_room BOOLEAN,
  has_meals BOOLEAN,
  has_clinic BOOLEAN,
  geom GEOMETRY,
  as_of DATE
);

CREATE TABLE property_companies (
  property_company_id VARCHAR PRIMARY KEY,
  uscc VARCHAR,
  name_zh VARCHAR,
  employees INTEGER CHECK (employees >= 0),
  full_party_members INTEGER CHECK (full_party_members >= 0),
  has_party_org BOOLEAN,
  party_org_id VARCHAR,
  credit_grade VARCHAR,
  owner_satisfaction DOUBLE,
  party_org_score DOUBLE,
  sync_registered BOOLEAN,       -- the three synchronisations of R20: registration, daily supervision, appraisal
  sync_supervised BOOLEAN,
  sync_appraised BOOLEAN,
  as_of DATE
);

CREATE TABLE owners_committees (
  committee_id VARCHAR PRIMARY KEY,
  compound_id VARCHAR,
  kind VARCHAR NOT NULL CHECK (kind IN ('owners_committee', 'property_mgmt_committee')),
  founded_on DATE,
  term_ends_on DATE,
  members INTEGER CHECK (members >= 0),
  party_members INTEGER CHECK (party_members >= 0),
  CHECK (party_members <= members),
  CHECK (term_ends_on >= founded_on)
);

CREATE TABLE patrols (
  patrol_id VARCHAR PRIMARY KEY,
  grid_code VARCHAR,
  staff_id VARCHAR,
  started_at TIMESTAMP,
  ended_at TIMESTAMP,
  households_visited INTEGER CHECK (households_visited >= 0),
  track GEOMETRY,
  CHECK (ended_at >= started_at)
);

CREATE TABLE assessments (
  assessment_id VARCHAR PRIMARY KEY,
  period VARCHAR,
  direction VARCHAR NOT NULL CHECK (direction IN ('up', 'down', 'self', 'resident')),
  assessor_id VARCHAR,
  assessee_id VARCHAR,
  item VARCHAR,
  weight DOUBLE,
  score DOUBLE
);

CREATE TABLE budgets (
  budget_id VARCHAR PRIMARY KEY,
  year INTEGER,
  community_code VARCHAR REFERENCES divisions (code),
  fund_kind VARCHAR,
  budgeted_cny DOUBLE CHECK (budgeted_cny >= 0),
  paid_cny DOUBLE CHECK (paid_cny >= 0)
);

INSERT INTO watched_references VALUES
  ('grid_assignments', 'staff_id', 'staff', 'staff_id'),
  ('grid_assignments', 'grid_code', 'grids_now', 'grid_code'),
  ('micro_units', 'grid_code', 'grids_now', 'grid_code'),
  ('party_orgs', 'grid_code', 'grids_now', 'grid_code'),
  ('party_orgs', 'secretary_staff_id', 'staff', 'staff_id'),
  ('party_orgs', 'parent_org_id', 'party_orgs', 'party_org_id'),
  ('party_orgs', 'property_company_id', 'property_companies', 'property_company_id'),
  ('property_companies', 'party_org_id', 'party_orgs', 'party_org_id'),
  ('owners_committees', 'compound_id', 'compounds', 'compound_id'),
  ('patrols', 'grid_code', 'grids_now', 'grid_code'),
  ('patrols', 'staff_id', 'staff', 'staff_id');
