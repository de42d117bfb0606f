-- Seals that lie beside documents, in the suites that no reader of PDF judges. Both are files of the store, named by their digests.
CREATE TABLE act.detached_seal (
  document text PRIMARY KEY CHECK (document ~ '^[0-9a-f]{64}$'),
  seal text NOT NULL CHECK (seal ~ '^[0-9a-f]{64}$'),
  at timestamptz NOT NULL
);
CREATE INDEX detached_seal_seal ON act.detached_seal (seal);
