-- Enrolment of nodes by protocol (RFC 8555). What an account may ask for stands in the register `acmeBinding`.

CREATE TABLE trust.acme_nonce (
  nonce text PRIMARY KEY CHECK (length(nonce) <= 64),
  used_at timestamptz NOT NULL
);
CREATE INDEX ON trust.acme_nonce (used_at);

CREATE TABLE trust.acme_account (
  id uuid PRIMARY KEY,
  binding uuid NOT NULL,
  -- RFC 7638, base64url: a key has one account, for good.
  thumbprint text NOT NULL UNIQUE CHECK (length(thumbprint) = 43),
  jwk jsonb NOT NULL,
  contacts text[] NOT NULL DEFAULT '{}',
  status text NOT NULL CHECK (status IN ('valid', 'deactivated', 'revoked')),
  made_at timestamptz NOT NULL
);
-- One key that was handed over makes one account.
CREATE UNIQUE INDEX ON trust.acme_account (binding) WHERE status = 'valid';

CREATE TABLE trust.acme_order (
  id uuid PRIMARY KEY,
  account uuid NOT NULL REFERENCES trust.acme_account,
  hosts text[] NOT NULL CHECK (cardinality(hosts) BETWEEN 1 AND 20),
  status text NOT NULL CHECK (status IN ('pending', 'ready', 'processing', 'valid', 'invalid')),
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- When somebody began to issue for it: what died on the way is begun again.
  claimed_at timestamptz,
  serial text,
  chain text,
  CHECK ((status = 'valid') = (chain IS NOT NULL AND serial IS NOT NULL))
);
CREATE INDEX ON trust.acme_order (account, made_at DESC);
CREATE INDEX ON trust.acme_order (expires_at);

-- One for each name of an order, with its one challenge.
CREATE TABLE trust.acme_authorization (
  id uuid PRIMARY KEY,
  acme_order uuid NOT NULL REFERENCES trust.acme_order ON DELETE CASCADE,
  host text NOT NULL,
  token text NOT NULL CHECK (length(token) = 43),
  status text NOT NULL CHECK (status IN ('pending', 'valid', 'invalid', 'deactivated')),
  validated_at timestamptz,
  problem jsonb,
  UNIQUE (acme_order, host)
);
