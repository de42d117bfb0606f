-- What was done under which key: the same key and input give the same outcome, once.
CREATE SCHEMA IF NOT EXISTS act;

CREATE TABLE act.act (
  room text NOT NULL,
  operation text NOT NULL,
  actor text NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  act_id uuid NOT NULL,
  input_digest bytea NOT NULL,
  outcome bytea NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (room, operation, actor, key)
);
CREATE INDEX act_at ON act.act (at);

-- Commands to other rooms: written with the act that sends them, executed after its commit.
CREATE TABLE act.message (
  id uuid PRIMARY KEY,
  key text NOT NULL UNIQUE,
  from_room text NOT NULL,
  to_room text NOT NULL,
  operation text NOT NULL,
  case_id uuid,
  -- Sealed: the input may hold personal data.
  input bytea NOT NULL,
  context jsonb NOT NULL,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'done', 'refused', 'dead')),
  outcome bytea,
  created_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE INDEX message_case ON act.message (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX message_waiting ON act.message (created_at) WHERE status IN ('waiting', 'dead');

-- Events that rooms publish, in order; other rooms and nodes read behind a cursor.
CREATE TABLE act.event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  event_id uuid NOT NULL UNIQUE,
  room text NOT NULL,
  type text NOT NULL,
  case_id uuid,
  payload jsonb NOT NULL,
  at timestamptz NOT NULL
);

-- Numbers that are never used twice; a gap may stay where an act failed.
CREATE TABLE act.sequence (
  room text NOT NULL,
  name text NOT NULL,
  last bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (room, name)
);

-- Facts about this node itself: whether it is a demonstration, which authority keeps which room.
CREATE TABLE act.setting (
  name text PRIMARY KEY,
  value jsonb NOT NULL,
  at timestamptz NOT NULL
);
