-- Requests to foreign services that change something, do not bear repetition, and were not answered (yet). A row is written before the
-- request leaves and removed with what came of it. One that stays says: this was sent, and nobody here knows whether it was done. It is
-- then not sent again, whatever asks for it.
CREATE TABLE exchange.unanswered (
  -- SHA-256 of who asked and of the key of the command.
  key bytea NOT NULL PRIMARY KEY CHECK (length(key) = 32),
  service text NOT NULL COLLATE "C" CHECK (length(service) BETWEEN 1 AND 1000),
  endpoint text NOT NULL CHECK (length(endpoint) BETWEEN 1 AND 1000),
  act uuid NOT NULL,
  at timestamptz NOT NULL
);
