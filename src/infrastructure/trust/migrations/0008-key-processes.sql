-- Processes that have the node's key open, each with the name of the key with which it wraps. Whether one is alive says a lock that its connection
-- holds, not its row.
CREATE TABLE trust.key_process (
  id uuid PRIMARY KEY,
  wraps_with text NOT NULL CHECK (wraps_with ~ '^[0-9a-f]{64}$'),
  pid integer NOT NULL,
  since timestamptz NOT NULL
);
