-- Calls and answers that went by other nodes. What one says is sealed for the node that reads it, and gone when that has read it;
-- its digest, key and signature stay, as evidence.
CREATE TABLE exchange.letter (
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('call', 'answer')),
  way text NOT NULL CHECK (way IN ('in', 'out')),
  -- Who wrote what came in, and who is to read what went out.
  peer text NOT NULL COLLATE "C" CHECK (length(peer) BETWEEN 1 AND 63),
  until timestamptz NOT NULL,
  digest text NOT NULL CHECK (length(digest) = 64),
  key_id text NOT NULL CHECK (length(key_id) BETWEEN 1 AND 120),
  signature text NOT NULL CHECK (length(signature) BETWEEN 1 AND 200),
  letter jsonb,
  state text NOT NULL CHECK (state IN ('sent', 'waiting', 'done', 'unreadable')),
  at timestamptz NOT NULL,
  PRIMARY KEY (id, kind, way, peer)
);
CREATE INDEX letter_at ON exchange.letter (at);
