CREATE SCHEMA datasets;

-- The registers of this node that others may have copies of.
CREATE TABLE datasets.publication (
  register text PRIMARY KEY,
  division_attribute text,
  published_by text NOT NULL,
  published_at timestamptz NOT NULL,
  recount_due boolean NOT NULL DEFAULT false
);

-- What this node agreed to give: to whom, which attributes, of which divisions, why, until when.
CREATE TABLE datasets.offer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  register text NOT NULL REFERENCES datasets.publication,
  node text NOT NULL,
  division text NOT NULL COLLATE "C",
  attributes text[] NOT NULL CHECK (cardinality(attributes) > 0),
  basis jsonb NOT NULL,
  ends_on date NOT NULL,
  offered_by text NOT NULL,
  offered_at timestamptz NOT NULL,
  ended_by text,
  ended_at timestamptz,
  CHECK ((ended_by IS NULL) = (ended_at IS NULL)),
  -- Where the other side was last seen.
  acknowledged bigint,
  asked_at timestamptz
);
CREATE UNIQUE INDEX offer_in_force ON datasets.offer (register, node) WHERE ended_at IS NULL;

-- The copies that this node keeps of other nodes' registers.
CREATE TABLE datasets.copy (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  register text NOT NULL,
  node text NOT NULL,
  division text NOT NULL COLLATE "C",
  attributes text[] NOT NULL CHECK (cardinality(attributes) > 0),
  basis jsonb NOT NULL,
  subscribed_by text NOT NULL,
  subscribed_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'filling', 'current', 'stopped', 'ended')),
  -- Why it stopped, or what was last in the way: the code of a refusal.
  trouble text,
  -- The seed of the key that everything is encrypted for on its way, sealed.
  seed bytea NOT NULL,
  description jsonb,
  epoch uuid,
  leaf_bits int,
  -- Of the source: everything up to here is in the copy.
  position bigint,
  -- While it is filled: where the last page ended, and from which position on the copy is whole.
  page_place int,
  page_key uuid,
  target bigint,
  -- What the source said last.
  source_position bigint,
  source_at timestamptz,
  heard_at timestamptz,
  -- To be held against the source; and before that, each of its versions is opened.
  suspect boolean NOT NULL DEFAULT false,
  check_due boolean NOT NULL DEFAULT false,
  conflicts bigint NOT NULL DEFAULT 0,
  reconciled_at timestamptz,
  reconciled jsonb,
  ended_at timestamptz,
  CHECK (state IN ('waiting', 'stopped', 'ended') OR (position IS NOT NULL AND description IS NOT NULL)),
  CHECK ((page_place IS NULL) = (page_key IS NULL))
);
CREATE UNIQUE INDEX copy_in_use ON datasets.copy (register, node) WHERE state <> 'ended';

-- Instants are microseconds since 1970. Each copy has a partition of its own.
CREATE TABLE datasets.version (
  copy int NOT NULL,
  place int NOT NULL,
  key uuid NOT NULL,
  valid_from bigint NOT NULL,
  valid_to bigint,
  recorded_from bigint NOT NULL,
  authority text NOT NULL,
  legal_basis bytea NOT NULL,
  act_id text NOT NULL,
  division text NOT NULL COLLATE "C",
  digest bytea NOT NULL CHECK (octet_length(digest) = 16),
  data jsonb NOT NULL,
  sealed bytea NOT NULL,
  -- SHA-256 of all that is not sealed; the envelope is bound to it.
  bound text NOT NULL,
  -- By which values it is found, keyed, in the order of the description's lookups.
  found text[] NOT NULL
) PARTITION BY LIST (copy);

CREATE TABLE datasets.leaf (
  copy int NOT NULL REFERENCES datasets.copy,
  leaf int NOT NULL,
  entries bigint NOT NULL,
  a bigint NOT NULL,
  b bigint NOT NULL,
  PRIMARY KEY (copy, leaf)
) WITH (fillfactor = 70);

-- A copy says what its source says; nobody writes into it but whoever receives from there. A new envelope changes nothing.
CREATE FUNCTION datasets.guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('datasets.receiving', true) IS DISTINCT FROM 'on' THEN
    RAISE EXCEPTION 'a copy is changed at its source alone' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION datasets.sum_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
  INSERT INTO datasets.leaf AS l (copy, leaf, entries, a, b)
  SELECT v.copy, v.place >> (16 - c.leaf_bits), sign * count(*), bit_xor(substr(v.digest, 1, 8)::bigint),
         bit_xor(substr(v.digest, 9, 8)::bigint)
    FROM touched v JOIN datasets.copy c ON c.id = v.copy GROUP BY 1, 2
  ON CONFLICT (copy, leaf) DO UPDATE
     SET entries = l.entries + excluded.entries, a = l.a # excluded.a, b = l.b # excluded.b;
  RETURN NULL;
END $$;

CREATE TRIGGER guarded BEFORE INSERT OR DELETE OR TRUNCATE OR UPDATE
  OF copy, place, key, valid_from, valid_to, recorded_from, authority, legal_basis, act_id, division, digest, data, bound, found
  ON datasets.version FOR EACH STATEMENT EXECUTE FUNCTION datasets.guard();
