CREATE SCHEMA resealing;

-- How far the work of sealing anew has come, part by part, in one pass over all that is sealed. Another pass follows until one
-- finds nothing to do.
CREATE TABLE resealing.part (
  name text PRIMARY KEY,
  -- To which key.
  key_id text NOT NULL,
  -- Where to go on, and how much there is: blocks of a table, or files.
  position bigint NOT NULL,
  size bigint NOT NULL,
  resealed bigint NOT NULL,
  -- What could not be opened, and so stays as it is.
  closed bigint NOT NULL,
  finished boolean NOT NULL,
  -- When this pass began.
  began_at timestamptz NOT NULL
);

-- Superseded versions may be sealed anew: what they say stays as it was, and proves it when it is read.
CREATE OR REPLACE FUNCTION register.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('register.erasing', true) = 'on' THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' AND current_setting('register.resealing', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the table %.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
