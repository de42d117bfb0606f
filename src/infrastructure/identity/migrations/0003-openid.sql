-- Systems of departments that sign their users in here (OpenID Connect clients).
CREATE TABLE identity.openid_client (
  id uuid PRIMARY KEY,
  name_zh text NOT NULL,
  name_en text NOT NULL,
  -- The authority whose system it is: its key in the directory.
  authority uuid NOT NULL,
  purpose_zh text NOT NULL,
  purpose_en text NOT NULL,
  basis text NOT NULL CHECK (basis IN ('statutory', 'consent')),
  -- "law article", Chinese.
  legal_basis text[] NOT NULL,
  audience text NOT NULL CHECK (audience IN ('person', 'official', 'both')),
  scopes text[] NOT NULL,
  -- Subjects are pairwise per sector: two systems of one sector see the same one.
  sector text NOT NULL,
  redirect_uris text[] NOT NULL,
  post_logout_redirect_uris text[] NOT NULL,
  backchannel_logout_uri text,
  auth_method text NOT NULL CHECK (auth_method IN ('client_secret_basic', 'private_key_jwt')),
  -- HMAC-SHA-256 of a secret of 256 bits; null until one was made.
  secret_digest bytea CHECK (octet_length(secret_digest) = 32),
  jwks jsonb,
  assurance smallint NOT NULL CHECK (assurance BETWEEN 1 AND 3),
  dpop boolean NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'suspended')),
  registered_by uuid NOT NULL,
  registered_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);

-- Codes, tokens, pushed requests, grants, interactions and sessions of the protocol, each named by the SHA-256 of its value and sealed.
CREATE TABLE identity.openid_artifact (
  model text NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  uid_digest bytea,
  grant_digest bytea,
  -- Whose it is: the session of the node that it came from, and the client.
  session uuid,
  client uuid,
  sealed bytea NOT NULL,
  consumed_at timestamptz,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (model, digest)
) WITH (fillfactor = 80);
CREATE INDEX openid_artifact_uid ON identity.openid_artifact (uid_digest) WHERE uid_digest IS NOT NULL;
CREATE INDEX openid_artifact_grant ON identity.openid_artifact (grant_digest) WHERE grant_digest IS NOT NULL;
CREATE INDEX openid_artifact_session ON identity.openid_artifact (session) WHERE session IS NOT NULL;
CREATE INDEX openid_artifact_expires ON identity.openid_artifact (expires_at);

-- What a person agreed that a system is given, where consent is its basis. Withdrawn: the row goes, the ledger keeps that it was.
CREATE TABLE identity.openid_consent (
  holder_kind text NOT NULL CHECK (holder_kind IN ('person', 'official')),
  holder uuid NOT NULL,
  client uuid NOT NULL REFERENCES identity.openid_client (id),
  scopes text[] NOT NULL,
  given_at timestamptz NOT NULL,
  PRIMARY KEY (holder, client)
);
