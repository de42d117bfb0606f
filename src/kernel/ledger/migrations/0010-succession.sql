-- How one key of the log follows another (decision 0040). A row is made when it is wanted; the sequencer fills in the note, which is the
-- checkpoint of that size too. The first generation of keys has none.
CREATE TABLE ledger.succession (
  generation integer PRIMARY KEY CHECK (generation >= 2),
  wanted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  size bigint UNIQUE CHECK (size > 0),
  note text CHECK (length(note) BETWEEN 1 AND 100000),
  CHECK ((size IS NULL) = (note IS NULL))
);
-- One at a time, and the last.
CREATE UNIQUE INDEX succession_wanted ON ledger.succession ((true)) WHERE note IS NULL;

CREATE FUNCTION ledger.refuse_other_succession() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.note IS NULL AND NEW.generation = OLD.generation THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a key of the log is followed once' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER succession_stays BEFORE UPDATE OR DELETE ON ledger.succession
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_other_succession();

-- By which generation of keys a checkpoint is signed. A process that has not heard of a succession, because it was cut off while it held
-- the lock or is of the version before, signs nothing above its size.
ALTER TABLE ledger.checkpoint ADD COLUMN generation integer NOT NULL DEFAULT 1 CHECK (generation >= 1);
CREATE FUNCTION ledger.refuse_former_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.generation < (SELECT max(generation) FROM ledger.succession WHERE size < NEW.size) THEN
    RAISE EXCEPTION 'the log has another key by now' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER checkpoint_of_today BEFORE INSERT ON ledger.checkpoint
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_former_key();
