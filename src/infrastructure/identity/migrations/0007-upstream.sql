-- Who signs in through another identity platform: its subject is one person here, and a person one subject there.
CREATE TABLE identity.upstream_link (
  issuer text NOT NULL,
  subject text NOT NULL,
  person uuid NOT NULL,
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject),
  UNIQUE (issuer, person)
);
