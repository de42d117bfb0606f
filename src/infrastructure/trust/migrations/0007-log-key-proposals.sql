-- That another key follows the log's: what one official proposes, or the operator at the command line (then `proposed_by` is null), and an
-- official decides.
CREATE TABLE trust.log_key_proposal (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  proposed_by uuid,
  proposed_post uuid,
  proposed_at timestamptz NOT NULL,
  decision text CHECK (decision IN ('approved', 'rejected')),
  decided_by uuid,
  decided_post uuid,
  decided_at timestamptz,
  decision_reason text CHECK (length(decision_reason) BETWEEN 1 AND 500),
  CONSTRAINT proposed_whole CHECK ((proposed_by IS NULL) = (proposed_post IS NULL)),
  CONSTRAINT one_proposes_another_decides CHECK (decided_by <> proposed_by AND decided_post <> proposed_post),
  CONSTRAINT decided_whole CHECK (num_nulls(decision, decided_by, decided_post, decided_at, decision_reason) IN (0, 5))
);
CREATE UNIQUE INDEX log_key_proposal_open ON trust.log_key_proposal ((true)) WHERE decision IS NULL;
