-- Names may be made anew by another key, where the act says so: what is named stays, and what names nothing goes on naming nothing.
CREATE OR REPLACE FUNCTION ledger.refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  -- Columns that a later version adds are compared as well.
  kept_before jsonb := to_jsonb(OLD) - '{sealed,actor,case_ref,subject}'::text[];
  kept_after jsonb := to_jsonb(NEW) - '{sealed,actor,case_ref,subject}'::text[];
  whole boolean := NEW.sealed = '' AND NEW.actor IS NULL AND NEW.case_ref IS NULL AND NEW.subject IS NULL;
  part boolean := NEW.sealed <> '' AND NEW.sealed <> OLD.sealed
    AND NEW.actor IS NOT DISTINCT FROM OLD.actor AND NEW.case_ref IS NOT DISTINCT FROM OLD.case_ref
    AND (NEW.subject IS NULL OR NEW.subject IS NOT DISTINCT FROM OLD.subject);
  renamed boolean := current_setting('ledger.renaming', true) = 'on' AND NEW.sealed = OLD.sealed
    AND (NEW.actor IS NULL) = (OLD.actor IS NULL) AND (NEW.case_ref IS NULL) = (OLD.case_ref IS NULL)
    AND (NEW.subject IS NULL) = (OLD.subject IS NULL);
BEGIN
  IF kept_before = kept_after AND OLD.sealed <> '' AND (whole OR part OR renamed) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'ledger.entry is append-only but for the erasure of its content' USING ERRCODE = 'restrict_violation';
END $$;
