-- Who was told of a correction: every authority that had used the resource, or, where it is about one subject, that had asked about him.
CREATE TABLE catalogue.notice (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  correction integer NOT NULL REFERENCES catalogue.matter,
  grant_number integer NOT NULL REFERENCES catalogue.matter,
  consumer uuid NOT NULL,
  told_at timestamptz NOT NULL,
  read_by uuid,
  read_at timestamptz,
  CONSTRAINT told_once UNIQUE (correction, grant_number),
  CONSTRAINT read_whole CHECK ((read_by IS NULL) = (read_at IS NULL))
);
CREATE INDEX notice_consumer ON catalogue.notice (consumer, id);

ALTER TABLE catalogue.matter DROP CONSTRAINT state_of_its_kind, ADD CONSTRAINT state_of_its_kind CHECK (CASE kind
  WHEN 'request' THEN state IN ('submitted', 'incomplete', 'consented', 'refused', 'withdrawn')
  WHEN 'grant' THEN state IN ('active', 'suspended', 'ending', 'ending-suspended', 'answered', 'answered-suspended', 'ended', 'expired')
  WHEN 'correction' THEN state IN ('filed', 'corrected', 'upheld', 'withdrawn')
  ELSE state IN ('negotiating', 'coordinating', 'coordinated', 'half-accepted', 'before-government', 'settled', 'decided',
    'withdrawn') END);

-- Records of use are kept for three years at least; what they say is said once.
CREATE FUNCTION catalogue.keep_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' OR (TG_OP = 'DELETE' AND OLD.at > now() - interval '3 years') THEN
    RAISE EXCEPTION 'records of use are kept for three years' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  IF OLD.outcome IS NOT NULL OR
    (NEW.id, NEW.grant_number, NEW.at, NEW.act, NEW.operation, NEW.system, NEW.purpose, NEW.case_id, NEW.amount) IS DISTINCT FROM
    (OLD.id, OLD.grant_number, OLD.at, OLD.act, OLD.operation, OLD.system, OLD.purpose, OLD.case_id, OLD.amount) THEN
    RAISE EXCEPTION 'a record of use is not rewritten' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER use_kept BEFORE UPDATE OR DELETE ON catalogue.use
  FOR EACH ROW EXECUTE FUNCTION catalogue.keep_use();
CREATE TRIGGER uses_kept BEFORE TRUNCATE ON catalogue.use
  FOR EACH STATEMENT EXECUTE FUNCTION catalogue.keep_use();
