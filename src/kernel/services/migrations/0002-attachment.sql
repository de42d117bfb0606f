-- Files that records name: their digests are sealed with the records, and a sweep of orphans has to know them.
CREATE TABLE service.attachment (
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  case_id uuid NOT NULL,
  PRIMARY KEY (digest, case_id)
);
CREATE INDEX attachment_case ON service.attachment (case_id);

CREATE INDEX notice_waiting ON service.notice (issued_at) WHERE status = 'waiting';
