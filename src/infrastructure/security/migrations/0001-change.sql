CREATE SCHEMA IF NOT EXISTS security;

-- Changes of who may do what: proposed by one administrator, decided by another, in force from an instant. Nothing here is ever
-- removed or rewritten: what was in force at any time can be told from these rows alone.
CREATE TABLE security.change (
  number integer PRIMARY KEY,
  level text NOT NULL CHECK (level IN ('authority', 'superior')),
  -- Whose administrators made it.
  authority uuid NOT NULL,
  -- What it brings: a policy, a rule of separation, or nothing where it only ends another.
  content jsonb NOT NULL CHECK (content ->> 'kind' IN ('policy', 'separation', 'end')),
  -- SHA-256 of the content's canonical form, which the ledger's entries name.
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  ends integer REFERENCES security.change,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  -- When it is wanted; absent: as soon as it is approved.
  effective_at timestamptz,
  proposed_by uuid NOT NULL,
  proposed_post uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  decision text CHECK (decision IN ('approved', 'rejected')),
  decided_by uuid,
  decided_post uuid,
  decided_at timestamptz,
  decision_reason text CHECK (length(decision_reason) <= 500),
  in_force_from timestamptz,
  withdrawn_by uuid,
  withdrawn_at timestamptz,
  withdrawal_reason text CHECK (length(withdrawal_reason) BETWEEN 1 AND 500),
  CONSTRAINT one_proposes_another_decides CHECK (decided_by <> proposed_by AND decided_post <> proposed_post),
  CONSTRAINT decided_whole CHECK (
    num_nulls(decision, decided_by, decided_post, decided_at) IN (0, 4)
    AND (in_force_from IS NOT NULL) = (decision IS NOT DISTINCT FROM 'approved')
  ),
  CONSTRAINT withdrawn_whole CHECK (num_nulls(withdrawn_by, withdrawn_at, withdrawal_reason) IN (0, 3)),
  CONSTRAINT not_before_its_approval CHECK (in_force_from >= decided_at AND decided_at >= proposed_at),
  CONSTRAINT ends_an_earlier_one CHECK (ends < number),
  CONSTRAINT end_of_something CHECK (content ->> 'kind' <> 'end' OR ends IS NOT NULL)
);
CREATE INDEX change_authority ON security.change (authority, number);

CREATE FUNCTION security.keep_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' THEN
    RAISE EXCEPTION 'a change of policies is not removed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.number, NEW.level, NEW.authority, NEW.content, NEW.digest, NEW.ends, NEW.reason, NEW.effective_at,
      NEW.proposed_by, NEW.proposed_post, NEW.proposed_at)
    IS DISTINCT FROM
     (OLD.number, OLD.level, OLD.authority, OLD.content, OLD.digest, OLD.ends, OLD.reason, OLD.effective_at,
      OLD.proposed_by, OLD.proposed_post, OLD.proposed_at) THEN
    RAISE EXCEPTION 'a proposed change is not rewritten' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.withdrawn_at IS NOT NULL OR (OLD.decision IS NOT NULL AND
     (NEW.decision, NEW.decided_by, NEW.decided_post, NEW.decided_at, NEW.decision_reason, NEW.in_force_from)
       IS DISTINCT FROM
     (OLD.decision, OLD.decided_by, OLD.decided_post, OLD.decided_at, OLD.decision_reason, OLD.in_force_from)) THEN
    RAISE EXCEPTION 'a change is decided once' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.withdrawn_at >= OLD.in_force_from THEN
    RAISE EXCEPTION 'a change in force is ended by another change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER change_kept BEFORE UPDATE OR DELETE ON security.change
  FOR EACH ROW EXECUTE FUNCTION security.keep_change();
CREATE TRIGGER changes_kept BEFORE TRUNCATE ON security.change
  FOR EACH STATEMENT EXECUTE FUNCTION security.keep_change();
