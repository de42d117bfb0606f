-- What is open between two authorities: a request for data, the grant that answers it, a correction, a dispute. What was asked is never
-- rewritten; the state follows from the steps, of which each stands for good.
CREATE TABLE catalogue.matter (
  number integer PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('request', 'grant', 'correction', 'dispute')),
  -- The request from which it all came: who did a part of that is barred from the other side of this.
  root integer NOT NULL REFERENCES catalogue.matter,
  -- What it is about: a grant's request, a correction's grant, what a dispute is over.
  about integer REFERENCES catalogue.matter,
  resource text NOT NULL CHECK (length(resource) <= 160),
  provider uuid NOT NULL,
  consumer uuid NOT NULL,
  -- The authority in charge of sharing, and the government, that stand above both.
  coordinator uuid NOT NULL,
  government uuid NOT NULL,
  content jsonb NOT NULL,
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  state text NOT NULL,
  opened_at timestamptz NOT NULL,
  CONSTRAINT state_of_its_kind CHECK (CASE kind
    WHEN 'request' THEN state IN ('submitted', 'incomplete', 'consented', 'refused', 'withdrawn')
    WHEN 'grant' THEN state IN ('active', 'suspended', 'ending', 'ending-suspended', 'answered', 'answered-suspended', 'ended',
      'expired')
    WHEN 'correction' THEN state IN ('filed', 'corrected', 'upheld', 'withdrawn')
    ELSE state IN ('negotiating', 'coordinating', 'coordinated', 'before-government', 'settled', 'decided', 'withdrawn') END),
  CONSTRAINT between_two CHECK (provider <> consumer),
  CONSTRAINT about_something CHECK ((kind = 'request') = (about IS NULL) AND (kind = 'request') = (root = number))
);
CREATE INDEX matter_provider ON catalogue.matter (provider, number);
CREATE INDEX matter_consumer ON catalogue.matter (consumer, number);
CREATE INDEX matter_coordinator ON catalogue.matter (coordinator, number);
CREATE INDEX matter_government ON catalogue.matter (government, number);
CREATE INDEX matter_root ON catalogue.matter (root);
-- One grant answers one consent; a reopened request ends in at most one.
CREATE UNIQUE INDEX matter_grant_of_request ON catalogue.matter (about) WHERE kind = 'grant';

CREATE TABLE catalogue.matter_step (
  matter integer NOT NULL REFERENCES catalogue.matter,
  ordinal integer NOT NULL CHECK (ordinal BETWEEN 1 AND 1000),
  step text NOT NULL,
  side text NOT NULL CHECK (side IN ('consumer', 'provider', 'coordinator', 'government', 'node')),
  official uuid,
  post uuid,
  state text NOT NULL,
  words text CHECK (length(words) <= 2000),
  detail jsonb,
  at timestamptz NOT NULL,
  PRIMARY KEY (matter, ordinal),
  CONSTRAINT somebody CHECK ((side = 'node') = (official IS NULL) AND (official IS NULL) = (post IS NULL))
);
CREATE INDEX matter_step_official ON catalogue.matter_step (official, matter);

-- Statutory clocks, as the kernel's procedures count theirs.
CREATE TABLE catalogue.clock (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  matter integer NOT NULL REFERENCES catalogue.matter,
  clock text NOT NULL,
  unit text NOT NULL CHECK (unit IN ('working-day', 'day', 'month', 'year')),
  amount integer NOT NULL CHECK (amount BETWEEN 1 AND 10000),
  article text NOT NULL,
  started_on date NOT NULL,
  stopped_on date CHECK (stopped_on >= started_on),
  pauses jsonb NOT NULL DEFAULT '[]',
  extensions jsonb NOT NULL DEFAULT '[]',
  -- The last day; of a clock that is paused, none.
  due_on date,
  -- When its running out was told to who stands above.
  escalated_at timestamptz
);
CREATE UNIQUE INDEX clock_running ON catalogue.clock (matter, clock) WHERE stopped_on IS NULL;
CREATE INDEX clock_due ON catalogue.clock (due_on) WHERE stopped_on IS NULL AND escalated_at IS NULL;

CREATE FUNCTION catalogue.keep_matter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' THEN
    RAISE EXCEPTION 'what was asked and done stays on the record' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.number, NEW.kind, NEW.root, NEW.about, NEW.resource, NEW.provider, NEW.consumer, NEW.coordinator, NEW.government,
      NEW.content, NEW.digest, NEW.opened_at)
    IS DISTINCT FROM
     (OLD.number, OLD.kind, OLD.root, OLD.about, OLD.resource, OLD.provider, OLD.consumer, OLD.coordinator, OLD.government,
      OLD.content, OLD.digest, OLD.opened_at) THEN
    RAISE EXCEPTION 'what was asked is not rewritten' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (
    SELECT FROM catalogue.matter_step s WHERE s.matter = NEW.number AND s.state = NEW.state
      AND s.ordinal = (SELECT max(ordinal) FROM catalogue.matter_step WHERE matter = NEW.number)) THEN
    RAISE EXCEPTION 'a state follows from the last step' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER matter_kept BEFORE UPDATE OR DELETE ON catalogue.matter
  FOR EACH ROW EXECUTE FUNCTION catalogue.keep_matter();

CREATE FUNCTION catalogue.keep_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a step that was taken stays on the record' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER step_kept BEFORE UPDATE OR DELETE ON catalogue.matter_step
  FOR EACH ROW EXECUTE FUNCTION catalogue.keep_step();
CREATE TRIGGER steps_kept BEFORE TRUNCATE ON catalogue.matter_step
  FOR EACH STATEMENT EXECUTE FUNCTION catalogue.keep_step();

-- Who acted for one side of what came from one request acts for no other.
CREATE FUNCTION catalogue.separate_sides() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM catalogue.matter_step s JOIN catalogue.matter m ON m.number = s.matter
    WHERE s.official = NEW.official AND s.side <> NEW.side
      AND m.root = (SELECT root FROM catalogue.matter WHERE number = NEW.matter)) THEN
    RAISE EXCEPTION 'one official acts for one side' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sides_separate BEFORE INSERT ON catalogue.matter_step
  FOR EACH ROW WHEN (NEW.official IS NOT NULL) EXECUTE FUNCTION catalogue.separate_sides();
