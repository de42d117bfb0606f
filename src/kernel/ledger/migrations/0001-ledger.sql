CREATE SCHEMA ledger;

-- The log. Nothing in it tells of a person: a leaf holds salted commitments.
-- (era, xid, id) is the order of the log. An era is the life of one cluster's transaction numbers: a ledger that is
-- restored into another cluster, whose numbers begin anew, begins the next one.
CREATE TABLE ledger.entry (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  era integer NOT NULL DEFAULT 1,
  leaf bytea NOT NULL CHECK (length(leaf) BETWEEN 1 AND 65535)
);
CREATE INDEX entry_order ON ledger.entry (era, xid, id);

-- What a leaf commits to, sealed. May be erased; the leaf stays. `actor` and `case_ref` are keyed pseudonyms.
CREATE TABLE ledger.content (
  entry_id bigint PRIMARY KEY,
  sealed bytea,
  actor bytea,
  case_ref bytea
);
ALTER TABLE ledger.content ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX content_actor ON ledger.content (actor, entry_id) WHERE actor IS NOT NULL;
CREATE INDEX content_case ON ledger.content (case_ref, entry_id) WHERE case_ref IS NOT NULL;

-- Whom an entry concerns, by keyed pseudonym.
CREATE TABLE ledger.subject (
  pseudonym bytea NOT NULL,
  entry_id bigint NOT NULL,
  withheld_until date,
  PRIMARY KEY (pseudonym, entry_id)
);

-- One row for each round of the sequencer: the entries that it put into the tree, in their order, and the signed
-- checkpoint after them. `previous` makes a fork impossible: no two rounds start from one size.
CREATE TABLE ledger.checkpoint (
  size bigint PRIMARY KEY,
  previous bigint NOT NULL UNIQUE,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  note text NOT NULL,
  entry_ids bigint[] NOT NULL,
  leaf_hashes bytea NOT NULL,
  range_hashes bytea NOT NULL,
  last_era integer NOT NULL,
  last_xid xid8 NOT NULL,
  last_id bigint NOT NULL,
  CHECK (previous < size),
  CHECK (cardinality(entry_ids) = size - greatest(previous, 0)),
  CHECK (length(leaf_hashes) = 32 * cardinality(entry_ids))
);
ALTER TABLE ledger.checkpoint ALTER COLUMN leaf_hashes SET STORAGE EXTERNAL;
CREATE INDEX checkpoint_order ON ledger.checkpoint (last_era, last_xid, last_id);

-- The roots of full tiles: level 1 over 256 leaves, level 2 over 65,536, and so on.
CREATE TABLE ledger.node (
  level smallint NOT NULL CHECK (level BETWEEN 1 AND 6),
  index bigint NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, index)
);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER node_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.node
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
