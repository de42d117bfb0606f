-- Operations that were asked for later (RFC 7240, respond-async): what was asked, and what came of it, both sealed.
CREATE TABLE act.later (
  id uuid PRIMARY KEY,
  -- By which whoever asked finds it again; nobody guesses it.
  token_digest bytea NOT NULL UNIQUE,
  asker text NOT NULL,
  room text NOT NULL,
  operation text NOT NULL,
  -- Of a command: asked again under the same key, it is the same.
  key text CHECK (length(key) BETWEEN 1 AND 200),
  asked bytea NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'answered')),
  outcome bytea,
  asked_at timestamptz NOT NULL,
  answered_at timestamptz,
  CHECK ((state = 'answered') = (outcome IS NOT NULL AND answered_at IS NOT NULL))
);
CREATE INDEX later_waiting ON act.later (asker) WHERE state = 'waiting';
CREATE INDEX later_asked ON act.later (asked_at);
