-- Feeds of registers: what changed in each, in order, and what stands in it in sum.
CREATE SCHEMA feed;

CREATE TABLE feed.feed (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  register text NOT NULL UNIQUE,
  -- Another one says that positions and digests begin anew.
  epoch uuid NOT NULL,
  -- Under it digests are taken; whoever does not know it can make no two sets look alike.
  salt bytea NOT NULL CHECK (octet_length(salt) = 16),
  -- The attribute whose value is a division's code, where there is one.
  division_attribute text,
  leaf_bits int NOT NULL CHECK (leaf_bits BETWEEN 4 AND 16),
  position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
  -- Changes behind it are kept.
  oldest bigint NOT NULL DEFAULT 0 CHECK (oldest BETWEEN 0 AND position),
  state text NOT NULL CHECK (state IN ('preparing', 'ready'))
);

-- What is committed and has no position yet: written with the register by its triggers. A row is taken out when it gets its
-- position, so that none can be missed, whatever order transactions end in.
CREATE TABLE feed.pending (
  feed int NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  added boolean NOT NULL,
  key uuid NOT NULL,
  valid_from timestamptz NOT NULL,
  recorded_from timestamptz NOT NULL,
  division text NOT NULL COLLATE "C",
  digest bytea NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (feed, id)
);

CREATE TABLE feed.change (
  feed int NOT NULL REFERENCES feed.feed,
  position bigint NOT NULL,
  added boolean NOT NULL,
  key uuid NOT NULL,
  valid_from timestamptz NOT NULL,
  recorded_from timestamptz NOT NULL,
  division text NOT NULL COLLATE "C",
  digest bytea NOT NULL CHECK (octet_length(digest) = 16),
  noted_at timestamptz NOT NULL,
  PRIMARY KEY (feed, position)
);

-- The smallest ranges, each by division: how many versions stand there at the feed's position, and the exclusive-or of their digests.
CREATE TABLE feed.leaf (
  feed int NOT NULL REFERENCES feed.feed,
  division text NOT NULL COLLATE "C",
  leaf int NOT NULL,
  entries bigint NOT NULL,
  a bigint NOT NULL,
  b bigint NOT NULL,
  PRIMARY KEY (feed, division, leaf)
) WITH (fillfactor = 70);

CREATE TABLE feed.total (
  feed int NOT NULL REFERENCES feed.feed,
  division text NOT NULL COLLATE "C",
  entries bigint NOT NULL,
  a bigint NOT NULL,
  b bigint NOT NULL,
  PRIMARY KEY (feed, division)
) WITH (fillfactor = 50);

-- As lib/reconciliation/range.ts has it.
CREATE FUNCTION feed.place(key uuid) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN substr(sha256(uuid_send(key)), 1, 2)::int;

-- A version's digest: over all of it but its envelope, whose content never changes without another recorded time. No text has a zero byte.
CREATE FUNCTION feed.digest(
  salt bytea, key uuid, valid tstzrange, recorded_from timestamptz, authority text, legal_basis bytea, act_id text, data jsonb
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  RETURN substr(sha256(
    salt || uuid_send(key) || timestamptz_send(lower(valid)) || timestamptz_send(coalesce(upper(valid), 'infinity'))
      || timestamptz_send(recorded_from) || legal_basis || convert_to(authority, 'UTF8') || '\x00'::bytea
      || convert_to(act_id, 'UTF8') || '\x00'::bytea || convert_to(data::text, 'UTF8')
  ), 1, 16);

-- Notes what a statement took from a register and what it put there. What only got another envelope is as it was.
CREATE FUNCTION feed.note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  f feed.feed;
BEGIN
  SELECT * INTO STRICT f FROM feed.feed WHERE id = TG_ARGV[0]::int;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO feed.pending (feed, added, key, valid_from, recorded_from, division, digest)
    SELECT f.id, true, v.key, lower(v.valid), v.recorded_from, coalesce(v.data ->> f.division_attribute, ''),
           feed.digest(f.salt, v.key, v.valid, v.recorded_from, v.authority, v.legal_basis, v.act_id, v.data)
      FROM come v;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO feed.pending (feed, added, key, valid_from, recorded_from, division, digest)
    SELECT f.id, false, v.key, lower(v.valid), v.recorded_from, coalesce(v.data ->> f.division_attribute, ''),
           feed.digest(f.salt, v.key, v.valid, v.recorded_from, v.authority, v.legal_basis, v.act_id, v.data)
      FROM gone v;
  ELSE
    WITH before AS (
      SELECT v.key, lower(v.valid) AS valid_from, v.recorded_from, coalesce(v.data ->> f.division_attribute, '') AS division,
             feed.digest(f.salt, v.key, v.valid, v.recorded_from, v.authority, v.legal_basis, v.act_id, v.data) AS digest
        FROM gone v),
    after AS (
      SELECT v.key, lower(v.valid) AS valid_from, v.recorded_from, coalesce(v.data ->> f.division_attribute, '') AS division,
             feed.digest(f.salt, v.key, v.valid, v.recorded_from, v.authority, v.legal_basis, v.act_id, v.data) AS digest
        FROM come v)
    INSERT INTO feed.pending (feed, added, key, valid_from, recorded_from, division, digest)
    SELECT f.id, changed.* FROM (
      SELECT false AS added, * FROM (SELECT * FROM before EXCEPT SELECT * FROM after) AS one
      UNION ALL
      SELECT true, * FROM (SELECT * FROM after EXCEPT SELECT * FROM before) AS other
      ORDER BY added
    ) AS changed;
  END IF;
  RETURN NULL;
END $$;
