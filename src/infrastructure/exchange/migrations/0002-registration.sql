CREATE SCHEMA IF NOT EXISTS exchange;

-- Systems that are not ours: who they are, their certificates, what they may call, what they offer. Proposed by one official, decided by
-- another, stopped by any one. Nothing here is ever removed or rewritten: what was in force at any time can be told from these rows alone.
CREATE TABLE exchange.registration (
  id uuid PRIMARY KEY,
  kind text NOT NULL COLLATE "C" CHECK (kind IN ('system', 'certificate', 'right', 'provider')),
  -- Whose officials decide: the authority that answers for the system, or that keeps what is called.
  authority uuid NOT NULL,
  -- What it is about, and what no two in force may share: a system's identifier, a certificate's SHA-256, a service's identifier.
  about text NOT NULL COLLATE "C" CHECK (length(about) BETWEEN 1 AND 1000),
  content jsonb NOT NULL,
  -- SHA-256 of the content's canonical form, which the ledger's entries name.
  digest text NOT NULL COLLATE "C" CHECK (digest ~ '^[0-9a-f]{64}$'),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  proposed_by uuid NOT NULL,
  proposed_post uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  decision text COLLATE "C" CHECK (decision IN ('approved', 'rejected')),
  decided_by uuid,
  decided_post uuid,
  decided_at timestamptz,
  decision_reason text CHECK (length(decision_reason) BETWEEN 1 AND 500),
  stopped_by uuid,
  stopped_at timestamptz,
  stop_reason text CHECK (length(stop_reason) BETWEEN 1 AND 500),
  CONSTRAINT one_proposes_another_decides CHECK (decided_by <> proposed_by AND decided_post <> proposed_post),
  CONSTRAINT decided_whole CHECK (num_nulls(decision, decided_by, decided_post, decided_at, decision_reason) IN (0, 5)),
  CONSTRAINT stopped_whole CHECK (num_nulls(stopped_by, stopped_at, stop_reason) IN (0, 3)),
  CONSTRAINT stopped_in_force CHECK (stopped_at IS NULL OR decision IS NOT DISTINCT FROM 'approved'),
  CONSTRAINT in_order CHECK (decided_at >= proposed_at AND stopped_at >= decided_at)
);

-- A right is one of many about a system; of all else there is one in force, and one that waits.
CREATE UNIQUE INDEX registration_in_force ON exchange.registration (kind, about)
  WHERE kind <> 'right' AND decision = 'approved' AND stopped_at IS NULL;
CREATE UNIQUE INDEX registration_waiting ON exchange.registration (kind, about) WHERE kind <> 'right' AND decision IS NULL;

CREATE FUNCTION exchange.keep_registration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' THEN
    RAISE EXCEPTION 'a registration is not removed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.id, NEW.kind, NEW.authority, NEW.about, NEW.content, NEW.digest, NEW.reason, NEW.proposed_by, NEW.proposed_post, NEW.proposed_at)
    IS DISTINCT FROM
     (OLD.id, OLD.kind, OLD.authority, OLD.about, OLD.content, OLD.digest, OLD.reason, OLD.proposed_by, OLD.proposed_post, OLD.proposed_at)
  THEN
    RAISE EXCEPTION 'a proposed registration is not rewritten' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.stopped_at IS NOT NULL OR (OLD.decision IS NOT NULL AND
     (NEW.decision, NEW.decided_by, NEW.decided_post, NEW.decided_at, NEW.decision_reason)
       IS DISTINCT FROM
     (OLD.decision, OLD.decided_by, OLD.decided_post, OLD.decided_at, OLD.decision_reason)) THEN
    RAISE EXCEPTION 'a registration is decided once and stopped once' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER registration_kept BEFORE UPDATE OR DELETE ON exchange.registration
  FOR EACH ROW EXECUTE FUNCTION exchange.keep_registration();
CREATE TRIGGER registrations_kept BEFORE TRUNCATE ON exchange.registration
  FOR EACH STATEMENT EXECUTE FUNCTION exchange.keep_registration();
