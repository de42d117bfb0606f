-- How much of a grant is used: the two counters of one row, so that no two uses at once go past either.
CREATE TABLE catalogue.quota (
  grant_number integer PRIMARY KEY REFERENCES catalogue.matter,
  purposes text[] NOT NULL CHECK (cardinality(purposes) BETWEEN 1 AND 10),
  systems text[] NOT NULL CHECK (cardinality(systems) <= 40),
  begins_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  per_day bigint NOT NULL CHECK (per_day BETWEEN 1 AND 1000000000),
  total bigint NOT NULL CHECK (total BETWEEN per_day AND 1000000000),
  -- Whether the grant's state lets it be used; kept by the trigger below.
  open boolean NOT NULL DEFAULT true,
  day date,
  day_used bigint NOT NULL DEFAULT 0,
  used bigint NOT NULL DEFAULT 0,
  CONSTRAINT in_order CHECK (begins_at < ends_at),
  CONSTRAINT within_the_day CHECK (day_used BETWEEN 0 AND per_day),
  CONSTRAINT within_the_total CHECK (used BETWEEN 0 AND total)
);

CREATE FUNCTION catalogue.open_quota() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE catalogue.quota SET open = NEW.state IN ('active', 'ending', 'answered') WHERE grant_number = NEW.number;
  RETURN NEW;
END $$;
CREATE TRIGGER quota_follows AFTER UPDATE OF state ON catalogue.matter
  FOR EACH ROW WHEN (NEW.kind = 'grant') EXECUTE FUNCTION catalogue.open_quota();

-- Records of use: who asked for what under which grant, and for which act the ledger has the rest. Of whom the answer spoke stands as
-- keyed digests alone, by which a correction finds who must be told.
CREATE TABLE catalogue.use (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  grant_number integer NOT NULL REFERENCES catalogue.matter,
  at timestamptz NOT NULL,
  act text NOT NULL CHECK (length(act) <= 200),
  operation text NOT NULL CHECK (length(operation) <= 160),
  -- The consumer's system, or the node and client from which the call came.
  system text NOT NULL CHECK (length(system) <= 200),
  purpose text NOT NULL,
  case_id uuid,
  amount integer NOT NULL CHECK (amount >= 1),
  outcome text,
  subjects bytea[]
);
CREATE INDEX use_grant ON catalogue.use (grant_number, id);
CREATE INDEX use_subjects ON catalogue.use USING gin (subjects);
CREATE INDEX use_at ON catalogue.use (at);
