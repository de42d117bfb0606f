-- Keys with which frames were signed, as the directory had them when they were first used: evidence outlasts the directory's memory.
CREATE TABLE exchange.signer (
  node text NOT NULL COLLATE "C" CHECK (length(node) BETWEEN 1 AND 63),
  key_id text NOT NULL COLLATE "C" CHECK (length(key_id) BETWEEN 1 AND 100),
  -- SPKI.
  public_key bytea NOT NULL CHECK (length(public_key) BETWEEN 1 AND 4096),
  PRIMARY KEY (node, key_id)
);
