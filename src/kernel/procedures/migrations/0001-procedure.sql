-- Cases of procedures, as rows. What a case rests on is in token and in the four tables of what tokens wait for; ids count up
-- within the case. Case rows are distributed by the case (a growing node: Citus).
CREATE SCHEMA procedure;

-- Versions of a procedure stand side by side; a running case stays on its own.
CREATE TABLE procedure.definition (
  digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
  room text NOT NULL,
  id text NOT NULL,
  sources jsonb NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE procedure."case" (
  id uuid PRIMARY KEY,
  number text NOT NULL UNIQUE,
  room text NOT NULL,
  service text NOT NULL,
  digest text NOT NULL REFERENCES procedure.definition,
  status text NOT NULL CHECK (status IN ('running', 'completed', 'terminated', 'failed')),
  outcome text,
  -- No personal data: they stand in the clear.
  variables jsonb NOT NULL,
  next_id integer NOT NULL,
  version integer NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  CHECK ((status = 'running') = (closed_at IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX case_service ON procedure."case" (room, service, opened_at);

CREATE TABLE procedure.token (
  case_id uuid NOT NULL,
  id integer NOT NULL,
  scope integer NOT NULL,
  element text NOT NULL,
  via text,
  PRIMARY KEY (case_id, id)
);

CREATE TABLE procedure.task (
  case_id uuid NOT NULL,
  id integer NOT NULL,
  token integer NOT NULL,
  room text NOT NULL,
  element text NOT NULL,
  instance smallint NOT NULL,
  title_zh text NOT NULL,
  title_en text NOT NULL,
  duty text NOT NULL,
  not_by text[] NOT NULL,
  people smallint NOT NULL,
  opened_at timestamptz NOT NULL,
  -- 'infinity': the procedure gives it none.
  due_on date NOT NULL DEFAULT 'infinity',
  due_clock text,
  claimed_by text,
  claimed_at timestamptz,
  closed_at timestamptz,
  closed_by text,
  outcome text,
  PRIMARY KEY (case_id, id),
  CHECK ((closed_at IS NULL) = (outcome IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX task_queue ON procedure.task (duty, due_on, opened_at, case_id, id) WHERE closed_at IS NULL;

CREATE TABLE procedure.service_request (
  case_id uuid NOT NULL,
  id integer NOT NULL,
  token integer NOT NULL,
  element text NOT NULL,
  slot text NOT NULL,
  requested_at timestamptz NOT NULL,
  PRIMARY KEY (case_id, id)
);

CREATE TABLE procedure.timer (
  case_id uuid NOT NULL,
  id integer NOT NULL,
  token integer NOT NULL,
  element text NOT NULL,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (case_id, id)
);
CREATE INDEX timer_due ON procedure.timer (due_at);

CREATE TABLE procedure.subscription (
  case_id uuid NOT NULL,
  id integer NOT NULL,
  token integer NOT NULL,
  element text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (case_id, id)
);

CREATE TABLE procedure.clock (
  case_id uuid NOT NULL,
  id text NOT NULL,
  title_zh text NOT NULL,
  title_en text NOT NULL,
  unit text NOT NULL CHECK (unit IN ('working-day', 'day', 'month', 'year')),
  amount integer NOT NULL CHECK (amount >= 0),
  promised integer,
  article text NOT NULL,
  started_on date NOT NULL,
  stopped_on date,
  pauses jsonb NOT NULL,
  extensions jsonb NOT NULL,
  PRIMARY KEY (case_id, id)
);

CREATE TABLE procedure.history (
  case_id uuid NOT NULL,
  version integer NOT NULL,
  ordinal smallint NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  element text,
  by text,
  detail jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (case_id, version, ordinal)
);

CREATE FUNCTION procedure.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'procedure.history is append-only';
END $$;
CREATE TRIGGER history_stays BEFORE UPDATE OR DELETE ON procedure.history
  FOR EACH ROW EXECUTE FUNCTION procedure.refuse_change();

-- Who completed a task that this one excludes, or another instance of the same one.
CREATE FUNCTION procedure.is_barred(t procedure.task, person text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT (cardinality(t.not_by) > 0 OR t.people > 1) AND EXISTS (
    SELECT FROM procedure.task d
    WHERE d.case_id = t.case_id AND d.closed_by = person
      AND (d.element = ANY (t.not_by) OR (t.people > 1 AND d.token = t.token)))
$$;

-- Locks a case and reads what it rests on. Two statements on purpose: the second sees what a writer, for whom the first
-- waited, has committed, while subqueries of the locking statement would still see the rows of before.
CREATE FUNCTION procedure.lock_case(wanted uuid, wanted_task integer, person text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
BEGIN
  PERFORM FROM procedure."case" WHERE id = wanted FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT jsonb_build_object(
      'case', to_jsonb(c),
      'tokens', (SELECT jsonb_agg(to_jsonb(x) - 'case_id' ORDER BY x.id) FROM procedure.token x WHERE x.case_id = wanted),
      'waits', (SELECT jsonb_agg(jsonb_build_object('id', w.id, 'token', w.token, 'element', w.element, 'kind', w.kind) ORDER BY w.id)
        FROM (
          SELECT t.id, t.token, t.element, 'task' AS kind FROM procedure.task t WHERE t.case_id = wanted AND t.closed_at IS NULL
          UNION ALL SELECT s.id, s.token, s.element, 'service' FROM procedure.service_request s WHERE s.case_id = wanted
          UNION ALL SELECT m.id, m.token, m.element, 'timer' FROM procedure.timer m WHERE m.case_id = wanted
          UNION ALL SELECT b.id, b.token, b.element, 'message' FROM procedure.subscription b WHERE b.case_id = wanted
        ) w),
      'messages', (SELECT jsonb_object_agg(b.id, b.message) FROM procedure.subscription b WHERE b.case_id = wanted),
      'clocks', (SELECT jsonb_agg(to_jsonb(k) - 'case_id') FROM procedure.clock k WHERE k.case_id = wanted),
      'clock_tasks', (SELECT jsonb_agg(jsonb_build_object('id', t.id, 'clock', t.due_clock))
        FROM procedure.task t WHERE t.case_id = wanted AND t.closed_at IS NULL AND t.due_clock IS NOT NULL),
      'task', CASE WHEN wanted_task IS NULL THEN NULL ELSE (SELECT to_jsonb(t) || jsonb_build_object('barred', procedure.is_barred(t, person))
        FROM procedure.task t WHERE t.case_id = wanted AND t.id = wanted_task) END)
    INTO answer FROM procedure."case" c WHERE c.id = wanted;
  RETURN answer;
END $$;

-- Writes one step: everything that it changed, in one call.
CREATE FUNCTION procedure.write_step(step jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  this uuid := (step ->> 'caseId')::uuid;
  moment timestamptz := (step ->> 'at')::timestamptz;
  room_of_case text := step ->> 'room';
BEGIN
  IF step ? 'open' THEN
    INSERT INTO procedure."case" (id, number, room, service, digest, status, outcome, variables, next_id, version, opened_at, closed_at)
      VALUES (this, step #>> '{open,number}', room_of_case, step #>> '{open,service}', step #>> '{open,digest}',
        step ->> 'status', step ->> 'outcome', step -> 'variables', (step ->> 'nextId')::integer, (step ->> 'version')::integer,
        moment, CASE WHEN step ->> 'status' <> 'running' THEN moment END);
  ELSE
    UPDATE procedure."case" SET
        status = step ->> 'status', outcome = step ->> 'outcome', variables = coalesce(step -> 'variables', variables),
        next_id = (step ->> 'nextId')::integer, version = (step ->> 'version')::integer,
        closed_at = CASE WHEN step ->> 'status' <> 'running' THEN moment END
      WHERE id = this;
  END IF;
  IF step ? 'tokensGone' THEN
    DELETE FROM procedure.token WHERE case_id = this
      AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(step -> 'tokensGone')::integer));
  END IF;
  IF step ? 'tokens' THEN
    INSERT INTO procedure.token (case_id, id, scope, element, via)
      SELECT this, x.id, x.scope, x.element, x.via
      FROM jsonb_to_recordset(step -> 'tokens') AS x (id integer, scope integer, element text, via text);
  END IF;
  IF step ? 'tasksClosed' THEN
    UPDATE procedure.task t SET closed_at = moment, closed_by = x.by, outcome = x.outcome
      FROM jsonb_to_recordset(step -> 'tasksClosed') AS x (id integer, by text, outcome text)
      WHERE t.case_id = this AND t.id = x.id;
  END IF;
  IF step ? 'tasks' THEN
    INSERT INTO procedure.task (case_id, id, token, room, element, instance, title_zh, title_en, duty, not_by, people, opened_at, due_on, due_clock)
      SELECT this, x.id, x.token, room_of_case, x.element, x.instance, x.title_zh, x.title_en, x.duty, x.not_by, x.people, moment, x.due_on, x.due_clock
      FROM jsonb_to_recordset(step -> 'tasks') AS x (id integer, token integer, element text, instance smallint, title_zh text,
        title_en text, duty text, not_by text[], people smallint, due_on date, due_clock text);
  END IF;
  IF step ? 'servicesGone' THEN
    DELETE FROM procedure.service_request WHERE case_id = this
      AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(step -> 'servicesGone')::integer));
  END IF;
  IF step ? 'services' THEN
    INSERT INTO procedure.service_request (case_id, id, token, element, slot, requested_at)
      SELECT this, x.id, x.token, x.element, x.slot, moment
      FROM jsonb_to_recordset(step -> 'services') AS x (id integer, token integer, element text, slot text);
  END IF;
  IF step ? 'timersGone' THEN
    DELETE FROM procedure.timer WHERE case_id = this
      AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(step -> 'timersGone')::integer));
  END IF;
  IF step ? 'timers' THEN
    INSERT INTO procedure.timer (case_id, id, token, element, due_at)
      SELECT this, x.id, x.token, x.element, x.due_at
      FROM jsonb_to_recordset(step -> 'timers') AS x (id integer, token integer, element text, due_at timestamptz);
  END IF;
  IF step ? 'subscriptionsGone' THEN
    DELETE FROM procedure.subscription WHERE case_id = this
      AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(step -> 'subscriptionsGone')::integer));
  END IF;
  IF step ? 'subscriptions' THEN
    INSERT INTO procedure.subscription (case_id, id, token, element, message)
      SELECT this, x.id, x.token, x.element, x.message
      FROM jsonb_to_recordset(step -> 'subscriptions') AS x (id integer, token integer, element text, message text);
  END IF;
  IF step ? 'clocks' THEN
    INSERT INTO procedure.clock AS k (case_id, id, title_zh, title_en, unit, amount, promised, article, started_on, stopped_on, pauses, extensions)
      SELECT this, x.id, x.title_zh, x.title_en, x.unit, x.amount, x.promised, x.article, x.started_on, x.stopped_on, x.pauses, x.extensions
      FROM jsonb_to_recordset(step -> 'clocks') AS x (id text, title_zh text, title_en text, unit text, amount integer,
        promised integer, article text, started_on date, stopped_on date, pauses jsonb, extensions jsonb)
      ON CONFLICT (case_id, id) DO UPDATE SET amount = excluded.amount, promised = excluded.promised, unit = excluded.unit,
        article = excluded.article, started_on = excluded.started_on, stopped_on = excluded.stopped_on,
        pauses = excluded.pauses, extensions = excluded.extensions;
  END IF;
  IF step ? 'taskDues' THEN
    UPDATE procedure.task t SET due_on = x.due_on
      FROM jsonb_to_recordset(step -> 'taskDues') AS x (id integer, due_on date)
      WHERE t.case_id = this AND t.id = x.id;
  END IF;
  INSERT INTO procedure.history (case_id, version, ordinal, at, kind, element, by, detail)
    SELECT this, (step ->> 'version')::integer, x.ordinal, moment, x.kind, x.element, x.by, coalesce(x.detail, '{}')
    FROM jsonb_to_recordset(step -> 'history') AS x (ordinal smallint, kind text, element text, by text, detail jsonb);
END $$;
