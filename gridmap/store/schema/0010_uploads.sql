-- Who sent which version of a department's layer, and how each department's files are read.

-- Beside layer_versions, because a table that others refer to cannot be given columns (0001).
CREATE TABLE layer_notes (
  layer_key VARCHAR NOT NULL,
  layer_version INTEGER NOT NULL,
  who VARCHAR,
  note VARCHAR,
  restored_from INTEGER,         -- a rollback: the older version whose grids these are
  PRIMARY KEY (layer_key, layer_version)
);

-- How a department's files are read, confirmed by a person once and proposed the next time. subject: a layer's key or a table's name.
CREATE TABLE intake_profiles (
  subject VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  profile VARCHAR NOT NULL,      -- JSON
  who VARCHAR,
  saved_at TIMESTAMP NOT NULL,
  PRIMARY KEY (subject, name)
);
