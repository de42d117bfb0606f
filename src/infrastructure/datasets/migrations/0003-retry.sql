-- What was in the way is looked at again later and later, so that a source that says no is not asked every other second.
ALTER TABLE datasets.copy
  ADD COLUMN failures int NOT NULL DEFAULT 0,
  ADD COLUMN retry_at timestamptz;
