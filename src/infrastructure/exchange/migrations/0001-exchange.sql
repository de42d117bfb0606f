CREATE SCHEMA exchange;

-- A frame: what was signed once for several calls or answers. `base` is the signature base of RFC 9421, which names sender, receiver,
-- time, digest and Merkle root; `leaves` are the leaf hashes under that root, 32 bytes each. What the calls said is not here.
CREATE TABLE exchange.frame (
  id uuid PRIMARY KEY,
  -- The other node.
  peer text NOT NULL COLLATE "C" CHECK (length(peer) BETWEEN 1 AND 63),
  kind text NOT NULL COLLATE "C" CHECK (kind IN ('calls-out', 'calls-in', 'answers-out', 'answers-in')),
  at timestamptz NOT NULL,
  key_id text NOT NULL COLLATE "C" CHECK (length(key_id) BETWEEN 1 AND 100),
  base bytea NOT NULL CHECK (length(base) BETWEEN 1 AND 4096),
  signature bytea NOT NULL CHECK (length(signature) BETWEEN 1 AND 512),
  leaves bytea NOT NULL CHECK (length(leaves) BETWEEN 32 AND 8192 AND length(leaves) % 32 = 0)
);
ALTER TABLE exchange.frame ALTER COLUMN leaves SET STORAGE MAIN;

-- One call: which message of which frame it was, which answered it, and the entry of the ledger that tells of it.
CREATE TABLE exchange.call (
  act uuid NOT NULL,
  frame uuid NOT NULL,
  place smallint NOT NULL CHECK (place BETWEEN 0 AND 255),
  answer uuid,
  answer_place smallint CHECK (answer_place BETWEEN 0 AND 255),
  entry bigint NOT NULL
);
CREATE INDEX call_act ON exchange.call (act);

-- On the answering side a call's row is written with its act, before its answer is signed: here is which frame of answers it left in.
CREATE TABLE exchange.answered (
  answer uuid NOT NULL,
  -- 18 bytes each, in the order of the answers: frame of the call, place in it.
  calls bytea NOT NULL CHECK (length(calls) % 18 = 0),
  PRIMARY KEY (answer)
);
