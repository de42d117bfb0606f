-- Cases of procedures, as rows. A case rests on its open tasks and on what is in rest; ids count up within the case. Rows are distributed by the case
-- (a growing node: Citus). The tables that every step writes have no CHECK constraints: PostgreSQL reads and plans those anew
-- for each statement, and the one function that writes them holds the same rules.
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
  -- No foreign key: every start would lock the one definition row that all of them share.
  digest text NOT NULL,
  -- running, completed, terminated, failed
  status text NOT NULL,
  outcome text,
  -- No personal data: they stand in the clear.
  variables jsonb NOT NULL,
  next_id integer NOT NULL,
  version integer NOT NULL,
  opened_at timestamptz NOT NULL,
  opened_by text NOT NULL,
  -- Null while it runs.
  closed_at timestamptz
) WITH (fillfactor = 80);

-- Where a case rests besides its open tasks, each of which tells its own token: other tokens, and what tokens wait for.
-- One table, so that a step reads, deletes and inserts once.
CREATE TABLE procedure.rest (
  case_id uuid NOT NULL,
  id integer NOT NULL,
  -- token, service, timer, message
  kind text NOT NULL,
  -- Of a token: its scope, 0 for the case itself. Of a wait: its token.
  inside integer NOT NULL,
  element text NOT NULL,
  -- Of a token at a parallel join: the flow by which it came.
  via text,
  -- The slot of a service, the name of a message.
  name text,
  due_at timestamptz,
  PRIMARY KEY (case_id, id)
);
CREATE INDEX rest_due ON procedure.rest (due_at) WHERE kind = 'timer';

CREATE VIEW procedure.service_request AS
  SELECT case_id, id, inside AS token, element, name AS slot FROM procedure.rest WHERE kind = 'service';
CREATE VIEW procedure.timer AS
  SELECT case_id, id, inside AS token, element, due_at FROM procedure.rest WHERE kind = 'timer';
CREATE VIEW procedure.subscription AS
  SELECT case_id, id, inside AS token, element, name AS message FROM procedure.rest WHERE kind = 'message';

CREATE TABLE procedure.task (
  case_id uuid NOT NULL,
  id integer NOT NULL,
  -- The token that rests here and its scope, 0 for the case itself.
  token integer NOT NULL,
  scope integer NOT NULL,
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
  -- The version of the case that its end made: its place in the history.
  closed_version integer,
  -- Null while it is open; 'cancelled' where the procedure took it back.
  outcome text,
  PRIMARY KEY (case_id, id)
) WITH (fillfactor = 80);
CREATE INDEX task_queue ON procedure.task (duty, due_on, opened_at, case_id, id) WHERE closed_at IS NULL;

CREATE VIEW procedure.token AS
  SELECT case_id, id, inside AS scope, element, via FROM procedure.rest WHERE kind = 'token'
  UNION SELECT case_id, token, scope, element, NULL FROM procedure.task WHERE closed_at IS NULL;

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

-- What happened beyond the start and end of a case and of its tasks, which their own rows tell.
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

-- Whether a person completed a task that this one excludes, or another instance of the same one: for queues.
CREATE FUNCTION procedure.is_barred(t procedure.task, person text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT (cardinality(t.not_by) > 0 OR t.people > 1) AND EXISTS (
    SELECT FROM procedure.task d
    WHERE d.case_id = t.case_id AND d.closed_by = person
      AND (d.element = ANY (t.not_by) OR (t.people > 1 AND d.token = t.token)))
$$;

-- Writes one step: everything that it changed, in one call. What is null did not change.
CREATE FUNCTION procedure.write_step(this uuid, moment timestamptz, new_version integer, new_status text, new_outcome text,
  new_next_id integer, new_variables jsonb, case_opened jsonb, room_of_case text, gone integer[], rests jsonb, done_task integer,
  done_by text, done_outcome text, cancelled integer[], tasks jsonb, clocks jsonb, dues jsonb, happened jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF case_opened IS NOT NULL THEN
    INSERT INTO procedure."case" (id, number, room, service, digest, status, outcome, variables, next_id, version, opened_at, opened_by, closed_at)
      VALUES (this, case_opened ->> 'number', room_of_case, case_opened ->> 'service', case_opened ->> 'digest', new_status,
        new_outcome, new_variables, new_next_id, new_version, moment,
        case_opened ->> 'by', CASE WHEN new_status <> 'running' THEN moment END);
  ELSE
    UPDATE procedure."case" c SET status = new_status, outcome = new_outcome, variables = coalesce(new_variables, c.variables),
        next_id = new_next_id, version = new_version, closed_at = CASE WHEN new_status <> 'running' THEN moment END
      WHERE c.id = this;
  END IF;
  IF gone IS NOT NULL THEN
    DELETE FROM procedure.rest r WHERE r.case_id = this AND r.id = ANY (gone);
  END IF;
  IF rests IS NOT NULL THEN
    INSERT INTO procedure.rest (case_id, id, kind, inside, element, via, name, due_at)
      SELECT this, x.id, x.kind, x.inside, x.element, x.via, x.name, x.due_at
      FROM jsonb_to_recordset(rests) AS x (id integer, kind text, inside integer, element text, via text, name text, due_at timestamptz);
  END IF;
  IF done_task IS NOT NULL THEN
    UPDATE procedure.task t SET closed_at = moment, closed_by = done_by, outcome = done_outcome, closed_version = new_version
      WHERE t.case_id = this AND t.id = done_task;
  END IF;
  IF cancelled IS NOT NULL THEN
    UPDATE procedure.task t SET closed_at = moment, outcome = 'cancelled', closed_version = new_version
      WHERE t.case_id = this AND t.id = ANY (cancelled);
  END IF;
  IF tasks IS NOT NULL THEN
    INSERT INTO procedure.task (case_id, id, token, scope, room, element, instance, title_zh, title_en, duty, not_by, people, opened_at, due_on, due_clock)
      SELECT this, x.id, x.token, x.scope, room_of_case, x.element, x.instance, x.title_zh, x.title_en, x.duty, x.not_by, x.people, moment, x.due_on, x.due_clock
      FROM jsonb_to_recordset(tasks) AS x (id integer, token integer, scope integer, element text, instance smallint, title_zh text,
        title_en text, duty text, not_by text[], people smallint, due_on date, due_clock text);
  END IF;
  IF clocks IS NOT NULL THEN
    INSERT INTO procedure.clock AS k (case_id, id, title_zh, title_en, unit, amount, promised, article, started_on, stopped_on, pauses, extensions)
      SELECT this, x.id, x.title_zh, x.title_en, x.unit, x.amount, x.promised, x.article, x.started_on, x.stopped_on, x.pauses, x.extensions
      FROM jsonb_to_recordset(clocks) AS x (id text, title_zh text, title_en text, unit text, amount integer,
        promised integer, article text, started_on date, stopped_on date, pauses jsonb, extensions jsonb)
      ON CONFLICT (case_id, id) DO UPDATE SET amount = excluded.amount, promised = excluded.promised, unit = excluded.unit,
        article = excluded.article, started_on = excluded.started_on, stopped_on = excluded.stopped_on,
        pauses = excluded.pauses, extensions = excluded.extensions;
  END IF;
  IF dues IS NOT NULL THEN
    UPDATE procedure.task t SET due_on = x.due_on
      FROM jsonb_to_recordset(dues) AS x (id integer, due_on date)
      WHERE t.case_id = this AND t.id = x.id;
  END IF;
  IF happened IS NOT NULL THEN
    INSERT INTO procedure.history (case_id, version, ordinal, at, kind, element, by, detail)
      SELECT this, new_version, x.ordinal, moment, x.kind, x.element, x.by, coalesce(x.detail, '{}')
      FROM jsonb_to_recordset(happened) AS x (ordinal smallint, kind text, element text, by text, detail jsonb);
  END IF;
END $$;
