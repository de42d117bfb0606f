CREATE SCHEMA IF NOT EXISTS catalogue;

-- What a steward says of a resource. Each row is one edition: drafted by one official, reviewed by another, never rewritten. The edition
-- in force is the last that was released.
CREATE TABLE catalogue.entry (
  number integer PRIMARY KEY,
  resource text NOT NULL CHECK (length(resource) <= 160),
  authority uuid NOT NULL,
  description jsonb NOT NULL,
  -- The strictest of its attributes.
  sharing text NOT NULL CHECK (sharing IN ('unconditional', 'conditional', 'none')),
  -- SHA-256 of the description's canonical form, which the ledger names.
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  drafted_by uuid NOT NULL,
  drafted_at timestamptz NOT NULL,
  decision text CHECK (decision IN ('released', 'returned')),
  reviewed_by uuid,
  reviewed_at timestamptz,
  review_reason text CHECK (length(review_reason) BETWEEN 1 AND 1000),
  CONSTRAINT one_drafts_another_reviews CHECK (reviewed_by <> drafted_by),
  CONSTRAINT reviewed_whole CHECK (num_nulls(decision, reviewed_by, reviewed_at, review_reason) IN (0, 4)),
  CONSTRAINT reviewed_after CHECK (reviewed_at >= drafted_at)
);
CREATE UNIQUE INDEX entry_waiting ON catalogue.entry (resource) WHERE decision IS NULL;
CREATE INDEX entry_released ON catalogue.entry (resource, number) WHERE decision = 'released';

CREATE FUNCTION catalogue.keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR OLD.decision IS NOT NULL OR
    (NEW.number, NEW.resource, NEW.authority, NEW.description, NEW.sharing, NEW.digest, NEW.drafted_by, NEW.drafted_at)
      IS DISTINCT FROM
    (OLD.number, OLD.resource, OLD.authority, OLD.description, OLD.sharing, OLD.digest, OLD.drafted_by, OLD.drafted_at) THEN
    RAISE EXCEPTION 'an entry of the catalogue is reviewed once, and not rewritten' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entry_kept BEFORE UPDATE OR DELETE ON catalogue.entry
  FOR EACH ROW EXECUTE FUNCTION catalogue.keep_entry();
CREATE TRIGGER entries_kept BEFORE TRUNCATE ON catalogue.entry
  FOR EACH STATEMENT EXECUTE FUNCTION catalogue.keep_entry();
