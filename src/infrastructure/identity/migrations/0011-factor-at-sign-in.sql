-- Whether the holder of an account wants a code at each sign-in by password, and sign-ins whose password was right and whose code is awaited.
ALTER TABLE identity.credential ADD COLUMN code_at_sign_in boolean NOT NULL DEFAULT false;

CREATE TABLE identity.awaited_code (
  ticket_digest bytea PRIMARY KEY CHECK (octet_length(ticket_digest) = 32),
  account uuid NOT NULL,
  address text NOT NULL,
  agent text NOT NULL,
  begun_at timestamptz NOT NULL
);
CREATE INDEX awaited_code_account ON identity.awaited_code (account);
CREATE INDEX awaited_code_begun ON identity.awaited_code (begun_at);
