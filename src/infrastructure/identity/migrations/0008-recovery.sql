-- Access that is given back at a counter: asked for and checked by two officials, announced, and done after a while.
CREATE TABLE identity.recovery (
  account uuid PRIMARY KEY,
  -- What the holder was known by: the kind of document, never its number.
  document text NOT NULL,
  asked_by uuid NOT NULL,
  asked_at timestamptz NOT NULL,
  checked_by uuid CHECK (checked_by <> asked_by),
  checked_at timestamptz,
  CHECK ((checked_by IS NULL) = (checked_at IS NULL))
);
CREATE INDEX recovery_asked ON identity.recovery (asked_at);
