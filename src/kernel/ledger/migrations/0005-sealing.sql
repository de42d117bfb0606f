-- Looks that are kept from their subject for a while by law (个人信息保护法 §18, §35), each by an order that two officials made. An entry of
-- such a look names its order; until when the subject does not see it is the order's, so that a ground that ended shows it at once, and
-- one that was found to go on keeps it: the entry itself is never changed.
CREATE TABLE ledger.sealing (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  subject_kind text NOT NULL CHECK (subject_kind IN ('person', 'organization')),
  subject_id uuid NOT NULL,
  -- Whose looks are sealed.
  authority uuid NOT NULL,
  ground text NOT NULL CHECK (ground <> ''),
  asked_by uuid NOT NULL,
  approved_by uuid NOT NULL CHECK (approved_by <> asked_by),
  effective_from timestamptz NOT NULL,
  -- From this day on the subject sees the entries.
  until date NOT NULL,
  ended boolean NOT NULL DEFAULT false
);
CREATE INDEX sealing_open ON ledger.sealing (until) WHERE NOT ended;

CREATE FUNCTION ledger.refuse_another_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(OLD) - '{until,ended}'::text[] = to_jsonb(NEW) - '{until,ended}'::text[] AND NOT OLD.ended THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'of a sealing its end alone changes, and an ended one not at all' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER sealing_end_only BEFORE UPDATE ON ledger.sealing
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_another_sealing();

ALTER TABLE ledger.entry ADD COLUMN sealing uuid;
