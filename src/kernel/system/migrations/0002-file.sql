-- Which files rooms keep: written with the act that keeps them, so that a sweep of orphans knows.
CREATE TABLE act.file (
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  room text NOT NULL,
  case_id uuid,
  at timestamptz NOT NULL,
  PRIMARY KEY (digest, room)
);
