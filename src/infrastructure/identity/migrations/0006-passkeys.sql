-- Passkeys (WebAuthn): public keys, and what the authenticator said of itself.
CREATE TABLE identity.passkey (
  id uuid PRIMARY KEY,
  account uuid NOT NULL,
  credential_id text NOT NULL UNIQUE,
  public_key bytea NOT NULL,
  counter bigint NOT NULL,
  -- Whether it can be copied to other devices, and whether it was.
  multi_device boolean NOT NULL,
  backed_up boolean NOT NULL,
  transports text[] NOT NULL,
  name text NOT NULL,
  made_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX passkey_account ON identity.passkey (account);

-- Challenges that were answered: each counts once. One that was not answered leaves no row.
CREATE TABLE identity.used_challenge (
  digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
  expires_at timestamptz NOT NULL
);
CREATE INDEX used_challenge_expires ON identity.used_challenge (expires_at);
