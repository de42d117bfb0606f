-- Events leave the room that publishes them sealed, under that room's key, with the act: what distributes them takes them from here.
ALTER TABLE act.event ALTER COLUMN payload DROP NOT NULL;
ALTER TABLE act.event
  ADD COLUMN sealed bytea,
  -- Events with the same key of the same type arrive in the order in which they were published.
  ADD COLUMN key text CHECK (length(key) BETWEEN 1 AND 200),
  -- Who published it, where not the room; when it ends to be worth anything.
  ADD COLUMN about jsonb NOT NULL DEFAULT '{}',
  ADD CONSTRAINT event_content CHECK ((payload IS NULL) <> (sealed IS NULL));
