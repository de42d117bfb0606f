CREATE SCHEMA IF NOT EXISTS directory;

-- Of which directory of nodes this node is one; no row where it belongs to none.
CREATE TABLE directory.membership (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  node text NOT NULL CHECK (node ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
  division text NOT NULL CHECK (division ~ '^\d{6}$'),
  zone text NOT NULL CHECK (zone IN ('intranet', 'extranet', 'internet')),
  -- The centre's verifier keys, as they were compared when it joined.
  anchor text[] NOT NULL CHECK (cardinality(anchor) BETWEEN 1 AND 16),
  -- Where the node above publishes the directory; the centre has none.
  above text,
  -- The certificate of its connections and those above it but for the root, PEM.
  chain text NOT NULL,
  joined_at timestamptz NOT NULL
);

-- Every edition of every part that was published or taken. Heads stay for good: the chain is proved by them. Documents of
-- others' older editions are left out.
CREATE TABLE directory.part (
  division text NOT NULL CHECK (division ~ '^\d{6}$'),
  version bigint NOT NULL CHECK (version >= 1),
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  note text NOT NULL CHECK (length(note) <= 65536),
  document text,
  valid_until timestamptz NOT NULL,
  taken_at timestamptz NOT NULL,
  PRIMARY KEY (division, version)
);

-- The request to join that this node has sent and that was not answered yet: a later run asks after the same one.
CREATE TABLE directory.sent_joining (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  above text NOT NULL,
  note text NOT NULL CHECK (length(note) <= 65536),
  proofs jsonb NOT NULL,
  sent_at timestamptz NOT NULL
);
