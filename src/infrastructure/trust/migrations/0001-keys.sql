CREATE SCHEMA IF NOT EXISTS trust;

-- The keys that seal what the node keeps, generation by generation (NIST SP 800-57): each sealed itself under the node's key,
-- which is not in the database. Rows stay for good; the key of a destroyed one is gone.
CREATE TABLE trust.data_key (
  id text PRIMARY KEY CHECK (id ~ '^k[0-9a-f]{12}$'),
  generation integer NOT NULL UNIQUE CHECK (generation >= 1),
  suite text NOT NULL CHECK (suite IN ('international', 'national')),
  -- The first key of an older node follows from the node's key and stands nowhere.
  derived boolean NOT NULL,
  wrapped bytea,
  state text NOT NULL
    CHECK (state IN ('pre-active', 'active', 'suspended', 'deactivated', 'compromised', 'destroyed')),
  made_at timestamptz NOT NULL,
  -- What becomes of the one before when this one begins to protect.
  predecessor_becomes text NOT NULL CHECK (predecessor_becomes IN ('deactivated', 'suspended')),
  -- From when it may protect; until when (originator-usage period); until when what it protected is to be moved.
  active_from timestamptz NOT NULL,
  protects_until timestamptz NOT NULL,
  processes_until timestamptz NOT NULL,
  activated_at timestamptz,
  ended_at timestamptz,
  destroyed_at timestamptz,
  -- When all was looked through and nothing was sealed with it any more.
  cleared_at timestamptz,
  CONSTRAINT periods_in_order CHECK (made_at <= active_from AND active_from < protects_until AND protects_until <= processes_until),
  CONSTRAINT wrapped_while_it_lives CHECK ((wrapped IS NULL) = (derived OR state = 'destroyed')),
  CONSTRAINT destroyed_whole CHECK ((destroyed_at IS NOT NULL) = (state = 'destroyed')),
  CONSTRAINT derived_stays CHECK (NOT (derived AND state = 'destroyed'))
);
CREATE UNIQUE INDEX data_key_active ON trust.data_key ((true)) WHERE state = 'active';
CREATE UNIQUE INDEX data_key_next ON trust.data_key ((true)) WHERE state = 'pre-active';

-- What happened to each, by whom and why. The ledger has the same; of the first key, which is there before the ledger is, later.
CREATE TABLE trust.data_key_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key_id text NOT NULL REFERENCES trust.data_key,
  state text NOT NULL,
  at timestamptz NOT NULL,
  by_kind text NOT NULL,
  by_id text NOT NULL,
  approved_by uuid,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  told boolean NOT NULL
);
CREATE INDEX data_key_event_key ON trust.data_key_event (key_id, id);

-- What one official wants to be done to a key, and another decides.
CREATE TABLE trust.key_proposal (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key_id text NOT NULL REFERENCES trust.data_key,
  state text NOT NULL CHECK (state IN ('compromised', 'destroyed')),
  -- Destroy it though something is sealed with it still: that is erased.
  erases boolean NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  proposed_by uuid NOT NULL,
  proposed_post uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  decision text CHECK (decision IN ('approved', 'rejected')),
  decided_by uuid,
  decided_post uuid,
  decided_at timestamptz,
  decision_reason text CHECK (length(decision_reason) BETWEEN 1 AND 500),
  CONSTRAINT one_proposes_another_decides CHECK (decided_by <> proposed_by AND decided_post <> proposed_post),
  CONSTRAINT decided_whole CHECK (num_nulls(decision, decided_by, decided_post, decided_at, decision_reason) IN (0, 5)),
  CONSTRAINT erases_by_destroying CHECK (state = 'destroyed' OR NOT erases)
);
CREATE UNIQUE INDEX key_proposal_open ON trust.key_proposal (key_id) WHERE decision IS NULL;

-- The life cycle, held here as well: life-cycle.ts.
CREATE FUNCTION trust.keep_life_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' THEN
    RAISE EXCEPTION 'a key stays in the register' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.id, NEW.generation, NEW.suite, NEW.derived, NEW.made_at) IS DISTINCT FROM
     (OLD.id, OLD.generation, OLD.suite, OLD.derived, OLD.made_at) THEN
    RAISE EXCEPTION 'a key stays what it is' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state <> OLD.state AND NOT (NEW.state = ANY (CASE OLD.state
      WHEN 'pre-active' THEN ARRAY['active', 'compromised', 'destroyed']
      WHEN 'active' THEN ARRAY['suspended', 'deactivated', 'compromised']
      WHEN 'suspended' THEN ARRAY['active', 'deactivated', 'compromised']
      WHEN 'deactivated' THEN ARRAY['compromised', 'destroyed']
      WHEN 'compromised' THEN ARRAY['destroyed']
      ELSE ARRAY[]::text[] END)) THEN
    RAISE EXCEPTION 'a key that is % does not become %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER data_key_life_cycle BEFORE UPDATE ON trust.data_key
  FOR EACH ROW EXECUTE FUNCTION trust.keep_life_cycle();
CREATE TRIGGER data_key_stays BEFORE DELETE OR TRUNCATE ON trust.data_key
  FOR EACH STATEMENT EXECUTE FUNCTION trust.keep_life_cycle();
