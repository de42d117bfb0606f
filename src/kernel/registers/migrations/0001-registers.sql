-- What all registers share. Their own tables are derived from contracts (definition.ts).
CREATE SCHEMA register;

-- WITHOUT OVERLAPS over a uuid, a text or a bytea needs equality in GiST.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- What each register's tables were made for. A declaration may add to it; anything else is refused.
CREATE TABLE register.shape (
  room text NOT NULL,
  name text NOT NULL,
  attributes jsonb NOT NULL,
  PRIMARY KEY (room, name)
);

-- Legal bases, named by their content: versions cite the same few over and over.
CREATE TABLE register.legal_basis (
  digest bytea PRIMARY KEY CHECK (octet_length(digest) = 16),
  citations jsonb NOT NULL
);

-- What was once known stays known.
CREATE FUNCTION register.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the table %.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
