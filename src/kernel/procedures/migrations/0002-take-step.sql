-- A case that a node has just moved on is moved on again without being read: the node remembers its rows, and the one statement that
-- writes the next step holds them to the stamp of the last writer. A stamp is random and new at each change, so that one of a
-- transaction that was rolled back is never met again. Null: last written by a version before this one.
ALTER TABLE procedure."case" ADD COLUMN stamp uuid;

-- Writes one step: everything that it changed, in one call. What is null did not change. With known_stamp, the case is not locked
-- yet: where it is no longer what the node remembers, nothing is written and the answer is false.
-- procedure.write_step stays beside it for nodes of the version before.
CREATE FUNCTION procedure.take_step(this uuid, moment timestamptz, new_version integer, new_status text, new_outcome text,
  new_next_id integer, new_variables jsonb, new_stamp uuid, known_stamp uuid, case_opened text[], room_of_case text, gone integer[],
  rests jsonb, done_task integer, done_by text, done_outcome text, cancelled integer[], new_task text[], more_tasks jsonb,
  clocks jsonb, dues jsonb, happened jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF case_opened IS NOT NULL THEN
    INSERT INTO procedure."case" (id, number, room, service, digest, status, outcome, variables, next_id, version, stamp, opened_at, opened_by, closed_at)
      VALUES (this, case_opened[1], room_of_case, case_opened[2], case_opened[3], new_status, new_outcome, new_variables,
        new_next_id, new_version, new_stamp, moment, case_opened[4], CASE WHEN new_status <> 'running' THEN moment END);
  ELSE
    UPDATE procedure."case" c SET status = new_status, outcome = new_outcome, variables = coalesce(new_variables, c.variables),
        next_id = new_next_id, version = new_version, stamp = new_stamp, closed_at = CASE WHEN new_status <> 'running' THEN moment END
      WHERE c.id = this AND (known_stamp IS NULL OR (c.stamp = known_stamp AND c.version = new_version - 1));
    IF NOT FOUND THEN
      RETURN false;
    END IF;
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
      WHERE t.case_id = this AND t.id = done_task AND t.closed_at IS NULL AND (t.claimed_by IS NULL OR t.claimed_by = done_by);
    IF NOT FOUND THEN
      -- Only a node of the version before can have changed a task without a new stamp on its case.
      RAISE EXCEPTION 'task % of case % cannot be completed', done_task, this USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;
  IF cancelled IS NOT NULL THEN
    UPDATE procedure.task t SET closed_at = moment, outcome = 'cancelled', closed_version = new_version
      WHERE t.case_id = this AND t.id = ANY (cancelled);
  END IF;
  -- Most steps open one task: as plain values it costs half of what a list of records does.
  IF new_task IS NOT NULL THEN
    INSERT INTO procedure.task (case_id, id, token, scope, room, element, instance, title_zh, title_en, duty, not_by, people, opened_at, due_on, due_clock)
      VALUES (this, new_task[1]::integer, new_task[2]::integer, new_task[3]::integer, room_of_case, new_task[4], new_task[5]::smallint,
        new_task[6], new_task[7], new_task[8], new_task[9]::text[], new_task[10]::smallint, moment, new_task[11]::date, new_task[12]);
  END IF;
  IF more_tasks IS NOT NULL THEN
    INSERT INTO procedure.task (case_id, id, token, scope, room, element, instance, title_zh, title_en, duty, not_by, people, opened_at, due_on, due_clock)
      SELECT this, x.id, x.token, x.scope, room_of_case, x.element, x.instance, x.title_zh, x.title_en, x.duty, x.not_by, x.people, moment, x.due_on, x.due_clock
      FROM jsonb_to_recordset(more_tasks) AS x (id integer, token integer, scope integer, element text, instance smallint, title_zh text,
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
  RETURN true;
END $$;
