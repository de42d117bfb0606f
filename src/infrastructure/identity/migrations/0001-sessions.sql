CREATE SCHEMA IF NOT EXISTS identity;

-- Digests of passwords: replaced, never kept, which is why they are in no register.
CREATE TABLE identity.credential (
  account uuid PRIMARY KEY,
  -- argon2id, PHC string format.
  digest text NOT NULL CHECK (digest LIKE '$argon2id$%'),
  changed_at timestamptz NOT NULL
);

-- Who is signed in. A row goes when its session ends; that there was one stands in the ledger.
CREATE TABLE identity.session (
  id uuid PRIMARY KEY,
  -- SHA-256 of the token: who reads this table cannot sign in with it.
  token_digest bytea NOT NULL UNIQUE CHECK (octet_length(token_digest) = 32),
  account uuid NOT NULL,
  holder_kind text NOT NULL CHECK (holder_kind IN ('person', 'official')),
  holder uuid NOT NULL,
  display_name text NOT NULL,
  assurance smallint NOT NULL CHECK (assurance BETWEEN 1 AND 3),
  post uuid,
  organization uuid,
  address text NOT NULL,
  opened_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX session_holder ON identity.session (holder);
CREATE INDEX session_opened ON identity.session (opened_at);

-- Failed sign-ins in a row, by the digest of a sign-in name (whether or not it exists) or of an address.
CREATE TABLE identity.attempt (
  subject bytea PRIMARY KEY CHECK (octet_length(subject) = 32),
  failures integer NOT NULL,
  failed_at timestamptz NOT NULL,
  locked_until timestamptz NOT NULL
);
CREATE INDEX attempt_failed ON identity.attempt (failed_at);
