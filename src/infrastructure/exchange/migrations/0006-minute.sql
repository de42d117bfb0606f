-- What is left of each foreign system's minute: one for all processes on this database. Not logged: after a crash every system has its whole
-- minute again, and nothing that is promised hangs on it.
CREATE UNLOGGED TABLE exchange.minute (
  client text PRIMARY KEY COLLATE "C" CHECK (length(client) BETWEEN 1 AND 1000),
  at timestamptz NOT NULL,
  tokens double precision NOT NULL,
  -- What the last who asked was given.
  granted double precision NOT NULL
);
