-- That a key with which the node signs counts as compromised: what one official proposes, and another decides.
CREATE TABLE trust.signing_key_proposal (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  label text NOT NULL,
  fingerprint text NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  proposed_by uuid NOT NULL,
  proposed_post uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  decision text CHECK (decision IN ('approved', 'rejected')),
  decided_by uuid,
  decided_post uuid,
  decided_at timestamptz,
  decision_reason text CHECK (length(decision_reason) BETWEEN 1 AND 500),
  FOREIGN KEY (label, fingerprint) REFERENCES trust.signing_key,
  CONSTRAINT one_proposes_another_decides CHECK (decided_by <> proposed_by AND decided_post <> proposed_post),
  CONSTRAINT decided_whole CHECK (num_nulls(decision, decided_by, decided_post, decided_at, decision_reason) IN (0, 5))
);
CREATE UNIQUE INDEX signing_key_proposal_open ON trust.signing_key_proposal (label, fingerprint) WHERE decision IS NULL;
