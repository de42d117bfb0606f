-- The archive package of each closed case: waiting from its close, made when its last notice is delivered.
CREATE TABLE service.archive (
  case_id uuid PRIMARY KEY,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'made', 'stopped')),
  problem text,
  -- In the file store.
  digest text CHECK (digest ~ '^[0-9a-f]{64}$'),
  bytes bigint,
  closed_at timestamptz NOT NULL,
  made_at timestamptz,
  CHECK ((status = 'made') = (digest IS NOT NULL))
);
CREATE INDEX archive_open ON service.archive (closed_at) WHERE status <> 'made';
CREATE INDEX archive_digest ON service.archive (digest);

INSERT INTO service.archive (case_id, closed_at)
  SELECT c.id, c.closed_at FROM procedure."case" c JOIN service.application a ON a.case_id = c.id WHERE c.status <> 'running';
