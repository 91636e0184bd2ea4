-- Other systems: who may call, what is to be told to whom, and what still waits to be told.

-- The secret is never kept, only its digest; it is long and random, so a plain digest cannot be guessed backwards.
CREATE TABLE api_keys (
  key_id VARCHAR PRIMARY KEY,
  system VARCHAR NOT NULL,
  digest VARCHAR NOT NULL,
  role VARCHAR NOT NULL CHECK (role IN ('system', 'department')),
  dept_id VARCHAR,
  territory VARCHAR,
  sees VARCHAR NOT NULL CHECK (sees IN ('own', 'territory')),  -- own: what it sent, or was given as a department
  a_minute INTEGER NOT NULL CHECK (a_minute > 0),
  made_at TIMESTAMP NOT NULL,
  made_by VARCHAR,
  revoked_at TIMESTAMP
);

CREATE TABLE hooks (
  hook_id VARCHAR PRIMARY KEY,
  key_id VARCHAR NOT NULL,
  url VARCHAR NOT NULL,
  secret VARCHAR NOT NULL,       -- signs what is sent, so that the receiver knows it is from here
  actions VARCHAR,               -- moves it wants to hear of, separated by blanks; empty: all
  made_at TIMESTAMP NOT NULL,
  stopped_at TIMESTAMP
);

-- Written in the transaction of the move it tells of: nothing is told that did not happen, nothing that happened is forgotten.
CREATE TABLE outbox (
  hook_id VARCHAR NOT NULL,
  incident_id VARCHAR NOT NULL,
  seq INTEGER NOT NULL,
  action VARCHAR NOT NULL,
  body VARCHAR NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  next_at TIMESTAMP,             -- empty: told, or given up
  told_at TIMESTAMP,
  trouble VARCHAR
);
