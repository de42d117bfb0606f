-- Proofs of who someone is that released a signature: each releases one. What is older than any session is swept.
CREATE TABLE service.signing_proof (
  signer_kind text NOT NULL CHECK (signer_kind IN ('person', 'official')),
  signer_id uuid NOT NULL,
  proven_at timestamptz NOT NULL,
  case_id uuid NOT NULL,
  used_at timestamptz NOT NULL,
  PRIMARY KEY (signer_kind, signer_id, proven_at)
);
CREATE INDEX signing_proof_used ON service.signing_proof (used_at);
