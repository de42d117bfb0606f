-- An entry is one row: its leaf, and what the leaf commits to, sealed, which may be erased. Three rows with keys and
-- indexes of their own cost twice as much to write.
--
-- `sealed` is empty where it was erased; NULL where it never was, or was lost: then `ledger verify` names the entry.
-- `actor`, `case_ref` and `subject` are keyed pseudonyms; `subject` is the first whom the entry concerns, the others stand
-- in ledger.subject, as all do of entries that were written before this.
ALTER TABLE ledger.entry
  ADD COLUMN sealed bytea,
  ADD COLUMN actor bytea,
  ADD COLUMN case_ref bytea,
  ADD COLUMN subject bytea,
  ADD COLUMN withheld_until date;
ALTER TABLE ledger.entry ALTER COLUMN sealed SET STORAGE EXTERNAL;

DROP TRIGGER entry_append_only ON ledger.entry;
UPDATE ledger.entry e SET sealed = coalesce(c.sealed, ''), actor = c.actor, case_ref = c.case_ref
  FROM ledger.content c WHERE c.entry_id = e.id;
DROP TABLE ledger.content;

CREATE INDEX entry_actor ON ledger.entry (actor, id) WHERE actor IS NOT NULL;
CREATE INDEX entry_case ON ledger.entry (case_ref, id) WHERE case_ref IS NOT NULL;
CREATE INDEX entry_subject ON ledger.entry (subject, id) WHERE subject IS NOT NULL;
CREATE INDEX entry_withheld ON ledger.entry (id) WHERE withheld_until IS NOT NULL;

CREATE TRIGGER entry_append_only BEFORE DELETE OR TRUNCATE ON ledger.entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- The one change that an entry knows: what it commits to is erased, whole or one subject's part. Nothing comes back, and
-- nothing takes another value but the sealed content from which a part was taken.
CREATE FUNCTION ledger.refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  -- Columns that a later version adds are compared as well.
  kept_before jsonb := to_jsonb(OLD) - '{sealed,actor,case_ref,subject}'::text[];
  kept_after jsonb := to_jsonb(NEW) - '{sealed,actor,case_ref,subject}'::text[];
  whole boolean := NEW.sealed = '' AND NEW.actor IS NULL AND NEW.case_ref IS NULL AND NEW.subject IS NULL;
  part boolean := NEW.sealed <> '' AND NEW.sealed <> OLD.sealed
    AND NEW.actor IS NOT DISTINCT FROM OLD.actor AND NEW.case_ref IS NOT DISTINCT FROM OLD.case_ref
    AND (NEW.subject IS NULL OR NEW.subject IS NOT DISTINCT FROM OLD.subject);
BEGIN
  IF kept_before = kept_after AND OLD.sealed <> '' AND (whole OR part) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'ledger.entry is append-only but for the erasure of its content' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER entry_erasure_only BEFORE UPDATE ON ledger.entry
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_all_but_erasure();
