-- Plans under edit in meetings, and what meetings decide. Everything here only grows: a step taken back is a further step.

-- The atoms a version of the grids is made of, as the merge left them: the ground on which a draft is edited. Geometry is exact WKB in
-- the merge's own metric CRS, because borders must come out of an edit as they went in.
CREATE TABLE atom_sets (
  atom_set VARCHAR PRIMARY KEY,
  version INTEGER NOT NULL,
  crs VARCHAR NOT NULL,
  layers VARCHAR[] NOT NULL,
  atoms INTEGER NOT NULL,
  kept_at TIMESTAMP NOT NULL
);

CREATE TABLE plan_atoms (
  atom_set VARCHAR NOT NULL,
  street_code VARCHAR NOT NULL,
  atom INTEGER NOT NULL,         -- its number within the street, from 0
  nest_id VARCHAR NOT NULL,
  unit_id VARCHAR,
  households DOUBLE NOT NULL,
  labels VARCHAR[] NOT NULL,     -- the old grid in each of the set's layers
  grid_code VARCHAR NOT NULL,
  shape BLOB NOT NULL
);

CREATE TABLE plan_drafts (
  draft_id VARCHAR PRIMARY KEY,
  name VARCHAR NOT NULL,
  base_version INTEGER NOT NULL,
  atom_set VARCHAR NOT NULL,
  copied_from VARCHAR,
  made_by VARCHAR,
  made_at TIMESTAMP NOT NULL
);

-- One row a step, in order, street by street: two people in different streets of one draft do not meet. The key is what keeps a second
-- editor from overwriting the first: a step says after which one it comes.
CREATE TABLE draft_steps (
  draft_id VARCHAR NOT NULL,
  street_code VARCHAR NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  act VARCHAR NOT NULL CHECK (act IN ('do', 'undo', 'redo')),
  change VARCHAR NOT NULL,       -- gridmap.merge.plan.Change as JSON; empty for undo and redo
  who VARCHAR,
  taken_at TIMESTAMP NOT NULL,
  PRIMARY KEY (draft_id, street_code, seq)
);

CREATE TABLE draft_versions (
  version INTEGER PRIMARY KEY,
  draft_id VARCHAR NOT NULL
);

-- The way of a version from the street's drawing to the file: who did each step and when.
CREATE TABLE version_steps (
  version INTEGER NOT NULL,
  step VARCHAR NOT NULL CHECK (step IN ('drawn', 'agreed', 'told', 'filed')),
  office VARCHAR,
  who VARCHAR NOT NULL,
  note VARCHAR,
  done_at TIMESTAMP NOT NULL,
  PRIMARY KEY (version, step)
);

CREATE TABLE meetings (
  meeting_id VARCHAR PRIMARY KEY,
  title VARCHAR NOT NULL,
  held_on DATE NOT NULL,
  place VARCHAR,
  chair VARCHAR,
  present VARCHAR,
  made_by VARCHAR,
  made_at TIMESTAMP NOT NULL
);

-- What was decided about a place in dispute. Later rows about the same place replace earlier ones; none is erased.
CREATE TABLE decisions (
  decision_id INTEGER PRIMARY KEY,
  meeting_id VARCHAR,
  draft_id VARCHAR,
  street_code VARCHAR,
  dispute VARCHAR NOT NULL,      -- gridmap.merge.disputes.Dispute.key
  subject VARCHAR NOT NULL,
  verdict VARCHAR NOT NULL CHECK (verdict IN ('accepted', 'alternative', 'put_off')),
  alternative VARCHAR,
  reason VARCHAR,
  votes_for INTEGER CHECK (votes_for >= 0),
  votes_against INTEGER CHECK (votes_against >= 0),
  abstained INTEGER CHECK (abstained >= 0),
  decided_by VARCHAR NOT NULL,
  recorded_by VARCHAR,
  decided_at TIMESTAMP NOT NULL
);

CREATE TABLE open_questions (
  question_id INTEGER PRIMARY KEY,
  meeting_id VARCHAR,
  question VARCHAR NOT NULL,
  answerer VARCHAR,
  due_on DATE,
  recorded_by VARCHAR,
  raised_at TIMESTAMP NOT NULL
);

-- Questions in SQL that people share by name; saving under a name again keeps the old one.
CREATE TABLE saved_questions (
  name VARCHAR NOT NULL,
  seq INTEGER NOT NULL,
  sql VARCHAR NOT NULL,
  saved_by VARCHAR,
  saved_at TIMESTAMP NOT NULL,
  PRIMARY KEY (name, seq)
);
