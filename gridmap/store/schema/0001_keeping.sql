-- How the store keeps itself: who it is, which writes it has done, which references it watches.

-- key 'store' names this database for ever, 'data_version' counts committed writes: together they key every cache.
CREATE TABLE store_meta (
  key VARCHAR PRIMARY KEY,
  value VARCHAR NOT NULL
);

-- One row for every finished write that was given a key; the same key again changes nothing. A process killed after its commit and
-- before its answer therefore does no harm when it is run again.
CREATE TABLE batches (
  batch VARCHAR PRIMARY KEY,
  what VARCHAR NOT NULL,
  rows BIGINT NOT NULL,
  set_aside BIGINT NOT NULL DEFAULT 0,
  unassigned BIGINT NOT NULL DEFAULT 0,
  done_at TIMESTAMP NOT NULL
);

-- Rows a load could not keep, and why: nothing is dropped in silence.
CREATE TABLE set_aside (
  batch VARCHAR NOT NULL,
  table_name VARCHAR NOT NULL,
  row_key VARCHAR,
  reason VARCHAR NOT NULL,      -- an English sentence, the key of its translation
  detail VARCHAR                -- the column, value or key it is about
);

-- Two kinds of reference. Native foreign keys point only at tables whose rows are never changed or deleted, because DuckDB 1.5 turns an
-- update of a GEOMETRY or LIST column into delete + insert and then refuses it while a child exists, and refuses delete + insert of a
-- parent within one transaction. All other references stand here and are counted by Store.verify(), never silently broken.
CREATE TABLE watched_references (
  table_name VARCHAR NOT NULL,
  column_name VARCHAR NOT NULL,
  parent_table VARCHAR NOT NULL,
  parent_column VARCHAR NOT NULL,
  PRIMARY KEY (table_name, column_name)
);

-- Every figure the speech leaves blank is a row here with is_blank_in_seed = true; as long as value is empty the pages say
-- "not set" and no indicator invents a threshold.
CREATE TABLE settings (
  key VARCHAR PRIMARY KEY,
  value VARCHAR,
  unit VARCHAR,
  name_zh VARCHAR,
  name_en VARCHAR,
  source VARCHAR,
  is_blank_in_seed BOOLEAN NOT NULL DEFAULT false
);
