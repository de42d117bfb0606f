CREATE SCHEMA witnessing;

-- What witnesses signed: that they saw the log's checkpoint of this size, and no other history before it.
CREATE TABLE witnessing.cosignature (
  size bigint NOT NULL CHECK (size >= 0),
  witness text NOT NULL CHECK (length(witness) BETWEEN 1 AND 200),
  at timestamptz NOT NULL,
  line text NOT NULL CHECK (length(line) BETWEEN 1 AND 1000),
  PRIMARY KEY (size, witness)
);
CREATE INDEX cosignature_witness ON witnessing.cosignature (witness, size DESC);
