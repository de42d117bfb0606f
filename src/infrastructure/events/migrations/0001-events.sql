-- Event rooms, what is published in them, and how far each subscriber has come. Payloads are sealed; everything else holds no personal data.
CREATE SCHEMA events;

CREATE TABLE events.room (
  id uuid PRIMARY KEY,
  -- instance/memberClass/memberCode/applicationCode, as GovStack's Information Mediator addresses it.
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9._-]{1,60}(/[A-Za-z0-9._-]{1,60}){3}$'),
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
  -- The contract whose events these are; absent where an official opened the room.
  contract text UNIQUE,
  -- An event can be replayed for so long; then it is removed.
  retention_days integer NOT NULL CHECK (retention_days BETWEEN 1 AND 3650),
  opened_at timestamptz NOT NULL
);

CREATE TABLE events.type (
  id uuid PRIMARY KEY,
  room uuid NOT NULL REFERENCES events.room,
  name text NOT NULL CHECK (name ~ '^[A-Za-z][A-Za-z0-9._-]{0,99}$'),
  schema jsonb NOT NULL,
  -- The attribute by which events keep their order.
  order_by text CHECK (length(order_by) BETWEEN 1 AND 100),
  priority text NOT NULL CHECK (priority IN ('urgent', 'normal', 'bulk')),
  removed_at timestamptz,
  defined_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX type_name ON events.type (room, name) WHERE removed_at IS NULL;

-- Who may do what in a room: a registered system (its four-part code), a room of this node (room:<id>), a node (node:<code>).
CREATE TABLE events.participant (
  id uuid PRIMARY KEY,
  room uuid NOT NULL REFERENCES events.room,
  member text NOT NULL CHECK (length(member) BETWEEN 1 AND 243),
  may_publish boolean NOT NULL,
  may_subscribe boolean NOT NULL,
  may_manage boolean NOT NULL,
  -- Where its events are pushed to: an address of a system, an operation of a room; nodes have theirs in the directory.
  target text CHECK (length(target) BETWEEN 1 AND 1000),
  -- Of what a system shows, and sealed, of what its events are signed with.
  token_digest bytea UNIQUE,
  push_secret bytea,
  dismissed_at timestamptz,
  admitted_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX participant_member ON events.participant (room, member) WHERE dismissed_at IS NULL;

CREATE TABLE events.subscription (
  id uuid PRIMARY KEY,
  participant uuid NOT NULL REFERENCES events.participant,
  type uuid NOT NULL REFERENCES events.type,
  delivery text NOT NULL CHECK (delivery IN ('PUSH', 'PULL')),
  -- What is older than this when its turn comes is not delivered, but waits among the dead letters.
  ttl_seconds integer CHECK (ttl_seconds BETWEEN 1 AND 315360000),
  fifo boolean NOT NULL,
  -- Everything up to here stands in events.delivery or is done with.
  position bigint NOT NULL CHECK (position >= 0),
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'ended')),
  -- Of a subscriber that cannot be reached.
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  retry_at timestamptz,
  last_error text CHECK (length(last_error) <= 200),
  delivered bigint NOT NULL DEFAULT 0,
  last_delivered_at timestamptz,
  made_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX subscription_of ON events.subscription (participant, type) WHERE state <> 'ended';
CREATE INDEX subscription_active ON events.subscription (type) WHERE state = 'active';

-- The log: one writer at a time gives the numbers, so whoever has read up to a number has missed nothing before it.
CREATE TABLE events.event (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  type uuid NOT NULL REFERENCES events.type,
  key text CHECK (length(key) BETWEEN 1 AND 200),
  publisher text NOT NULL CHECK (length(publisher) BETWEEN 1 AND 243),
  at timestamptz NOT NULL,
  entered_at timestamptz NOT NULL,
  -- From then on nobody wants it.
  expires_at timestamptz,
  -- Its publisher stopped it.
  stopped_at timestamptz,
  payload bytea NOT NULL
);
CREATE INDEX event_type ON events.event (type, seq);
CREATE INDEX event_at ON events.event (type, at);
CREATE INDEX event_entered ON events.event (entered_at);

-- What is on its way to a subscriber: a bounded window of the log, and what could not be delivered.
CREATE TABLE events.delivery (
  subscription uuid NOT NULL REFERENCES events.subscription,
  seq bigint NOT NULL REFERENCES events.event,
  -- Deliveries of one lane go one after the other; without one, in any order.
  lane text,
  -- waiting: to be delivered from due_at on. held: behind a dead letter of its lane. dead: waits for an official.
  state text NOT NULL CHECK (state IN ('waiting', 'held', 'dead')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  due_at timestamptz NOT NULL,
  reason text CHECK (length(reason) <= 200),
  dead_at timestamptz,
  PRIMARY KEY (subscription, seq),
  CHECK ((state = 'dead') = (dead_at IS NOT NULL))
);
CREATE INDEX delivery_lane ON events.delivery (subscription, lane, seq) WHERE lane IS NOT NULL;
CREATE INDEX delivery_dead ON events.delivery (subscription, seq) WHERE state <> 'waiting';
CREATE INDEX delivery_event ON events.delivery (seq);
