-- What is said to people outside the node: that a notice is there, and what they are asked for. The words and the address are sealed.
CREATE TABLE service.outgoing (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  notice_id uuid NOT NULL UNIQUE,
  kind text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('sms', 'email')),
  content bytea NOT NULL,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'sent', 'undeliverable')),
  -- Why it could not be sent; without the address.
  problem text,
  created_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE INDEX outgoing_case ON service.outgoing (case_id, created_at);
CREATE INDEX outgoing_waiting ON service.outgoing (created_at) WHERE status = 'waiting';
CREATE INDEX outgoing_finished ON service.outgoing (finished_at) WHERE status <> 'waiting';
