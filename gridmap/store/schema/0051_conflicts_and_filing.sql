-- The conflicts of each version (dossier §5.2), written when it is drafted: what cleaning found in the departments' layers and settled, what
-- the checks of the plan found and left open, and places in dispute once a meeting has decided on them. Until then no row had been written.
-- Differs from the dossier's table: version and layer_key, as a layer is merged again and again; two types more, for edges that do not match
-- and for places that departments attach to different neighbours; status and severity are words of a list.
DROP TABLE grid_conflicts;
CREATE TABLE grid_conflicts (
  conflict_id VARCHAR PRIMARY KEY,
  version INTEGER NOT NULL,
  conflict_type VARCHAR NOT NULL CHECK (conflict_type IN ('overlap', 'gap', 'sliver', 'cross_community', 'cross_street', 'cuts_compound',
    'multipart', 'invalid_geom', 'orphan', 'code_mismatch', 'size_out_of_range', 'mismatch', 'disagreement')),
  layer_key VARCHAR,             -- whose grids left_id and right_id are; empty for the all-subject grids and between departments
  street_code VARCHAR,
  left_id VARCHAR,
  right_id VARCHAR,              -- who got the ground, or the other of two
  area_m2 DOUBLE,
  geom GEOMETRY,
  severity VARCHAR NOT NULL CHECK (severity IN ('error', 'warning', 'note')),
  status VARCHAR NOT NULL CHECK (status IN ('open', 'settled', 'put_off')),
  decided_by VARCHAR,
  decided_at TIMESTAMP,
  decision_zh VARCHAR
);

-- Approval and filing of each version, which the dossier has as columns of a grid (approved_by, approved_at, filed_at): a version is
-- approved and filed as a whole, so they follow from its states and steps and cannot say anything else.
CREATE VIEW grid_version_filing AS
  WITH approvals AS (
    SELECT version, arg_max(who, seq) AS approved_by, max_by(changed_at, seq) AS approved_at
    FROM grid_version_states WHERE status = 'approved' GROUP BY 1
  ), filings AS (
    SELECT version, who AS filed_by, office AS filed_with, note AS filed_no, done_at AS filed_at FROM version_steps WHERE step = 'filed'
  )
  SELECT version, approved_by, approved_at, filed_by, filed_with, filed_no, filed_at
  FROM (SELECT version FROM grid_versions) LEFT JOIN approvals USING (version) LEFT JOIN filings USING (version);
