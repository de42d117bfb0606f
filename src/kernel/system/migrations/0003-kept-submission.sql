-- Forms that were sent by someone who has to prove first who he is: kept as they came, for a while, for his session alone.
CREATE TABLE act.kept_submission (
  id uuid PRIMARY KEY,
  session uuid NOT NULL,
  -- Sealed: what people typed.
  sealed bytea NOT NULL,
  kept_at timestamptz NOT NULL
);
CREATE INDEX kept_submission_session ON act.kept_submission (session, kept_at);
CREATE INDEX kept_submission_kept ON act.kept_submission (kept_at);
