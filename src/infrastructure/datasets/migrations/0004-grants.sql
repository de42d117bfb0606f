-- A copy may rest on a grant of the source's catalogue: what it may have is then said there, and the source describes it.
ALTER TABLE datasets.copy
  ADD COLUMN grant_number int,
  -- Why the source says that it may not be used any more: a suspension, an end. What it holds is not shown while that stands.
  ADD COLUMN barred text,
  DROP CONSTRAINT copy_attributes_check,
  ADD CONSTRAINT copy_attributes_check CHECK (cardinality(attributes) > 0 OR (grant_number IS NOT NULL AND description IS NULL));

-- Nodes that follow a register by a grant: where they are, and why they were last refused. Whether they may is the catalogue's to say.
CREATE TABLE datasets.follower (
  register text NOT NULL,
  node text NOT NULL,
  grant_number int NOT NULL,
  attributes text[] NOT NULL DEFAULT '{}',
  acknowledged bigint,
  asked_at timestamptz NOT NULL,
  refused text,
  PRIMARY KEY (register, node, grant_number)
);
