-- The secret of a code generator (RFC 6238), sealed: one that counts, and one that waits to be confirmed by a code.
CREATE TABLE identity.code_secret (
  account uuid PRIMARY KEY,
  sealed bytea,
  since timestamptz,
  -- The step of the last code that was taken: it, and those before, count for nothing more.
  last_step bigint,
  pending bytea,
  pending_since timestamptz
);

-- Recovery codes: HMAC under a key of the node. A used one stays until new ones are made, so that its second use is told.
CREATE TABLE identity.recovery_code (
  account uuid NOT NULL,
  digest bytea NOT NULL,
  made_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (account, digest)
);
