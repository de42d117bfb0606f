-- Event types of other nodes that this one has sent to itself: which it asked for, and how far that has come. What comes is a type of an
-- event room here, in which rooms and systems of this node are admitted and subscribe as in any.
CREATE TABLE events.followed (
  id uuid PRIMARY KEY,
  node text NOT NULL COLLATE "C" CHECK (length(node) BETWEEN 1 AND 63),
  -- As that node calls them.
  room text NOT NULL CHECK (length(room) BETWEEN 7 AND 243),
  type text NOT NULL CHECK (length(type) BETWEEN 1 AND 100),
  -- The room here.
  here text NOT NULL CHECK (length(here) BETWEEN 7 AND 243),
  -- From when on: now, beginning, or an instant.
  since text NOT NULL CHECK (length(since) BETWEEN 3 AND 40),
  state text NOT NULL CHECK (state IN ('asked', 'in-force', 'ending', 'ended')),
  -- When the other node is asked, or asked again what the type looks like.
  due_at timestamptz NOT NULL,
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  last_error text CHECK (length(last_error) <= 200),
  made_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX followed_type ON events.followed (node, room, type) WHERE state <> 'ended';
CREATE INDEX followed_due ON events.followed (due_at) WHERE state <> 'ended';
