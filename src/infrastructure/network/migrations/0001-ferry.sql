CREATE SCHEMA IF NOT EXISTS network;

-- The keys by which others send to this node and believe its receipts; one row, sealed by the room.
CREATE TABLE network.ferry_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  suite text NOT NULL CHECK (suite IN ('international', 'national')),
  sealed bytea NOT NULL,
  made_at timestamptz NOT NULL
);

-- Nodes of other zones, by the card that they handed over: proposed by one official, confirmed by another who compared its fingerprint.
CREATE TABLE network.ferry_partner (
  id uuid PRIMARY KEY,
  node text NOT NULL CHECK (node ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
  zone text NOT NULL CHECK (zone IN ('internet', 'extranet', 'intranet')),
  card jsonb NOT NULL,
  fingerprint text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  -- Whether anything may leave for a zone that is less protected; never without its own reason.
  outward boolean NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  state text NOT NULL CHECK (state IN ('proposed', 'confirmed', 'refused', 'ended')),
  proposed_by uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  decided_by uuid,
  decided_at timestamptz,
  ended_by uuid,
  ended_at timestamptz,
  -- The last package that went there, and that came from there.
  sent integer NOT NULL DEFAULT 0,
  sent_digest text,
  received bigint NOT NULL DEFAULT 0,
  received_digest text,
  CONSTRAINT one_proposes_another_confirms CHECK (decided_by <> proposed_by),
  CONSTRAINT decided_whole CHECK ((state = 'proposed') = (decided_by IS NULL)),
  CONSTRAINT ended_whole CHECK ((state = 'ended') = (ended_by IS NOT NULL))
);
CREATE UNIQUE INDEX ferry_partner_confirmed ON network.ferry_partner (node) WHERE state = 'confirmed';

-- What goes out: gathered, proposed by one official, released by another, put on media, answered by a receipt.
CREATE TABLE network.ferry_package (
  id uuid PRIMARY KEY,
  partner uuid NOT NULL REFERENCES network.ferry_partner,
  purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 500),
  legal_basis text NOT NULL CHECK (length(legal_basis) BETWEEN 1 AND 500),
  state text NOT NULL CHECK (state IN ('draft', 'proposed', 'released', 'exported', 'answered', 'refused')),
  made_by uuid NOT NULL,
  made_at timestamptz NOT NULL,
  -- Canonical JSON of all that is in it; what both officials signed.
  manifest text,
  digest text CHECK (digest ~ '^[0-9a-f]{64}$'),
  proposed_by uuid,
  proposed_at timestamptz,
  proposal text,
  released_by uuid,
  released_at timestamptz,
  release text,
  sequence integer CHECK (sequence > 0),
  previous text,
  decision_reason text CHECK (length(decision_reason) <= 500),
  exported_at timestamptz,
  answered_at timestamptz,
  outcome text,
  CONSTRAINT two_officials CHECK (released_by <> proposed_by),
  CONSTRAINT released_whole CHECK ((state IN ('released', 'exported', 'answered')) <= (release IS NOT NULL AND proposal IS NOT NULL
    AND sequence IS NOT NULL AND manifest IS NOT NULL)),
  CONSTRAINT answered_whole CHECK ((state = 'answered') = (outcome IS NOT NULL)),
  UNIQUE (partner, sequence)
);
CREATE INDEX ferry_package_made ON network.ferry_package (made_at DESC, id);

CREATE TABLE network.ferry_item (
  package uuid NOT NULL REFERENCES network.ferry_package,
  place integer NOT NULL CHECK (place BETWEEN 0 AND 999),
  kind text NOT NULL CHECK (kind IN ('document', 'call')),
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
  classification text NOT NULL CHECK (classification IN ('public', 'internal', 'work-secret')),
  media_type text NOT NULL,
  -- Of a document: where its bytes are (kernel/files). Of a call: room, operation, version; the input is the file.
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  bytes bigint NOT NULL CHECK (bytes >= 0),
  target jsonb,
  PRIMARY KEY (package, place),
  CONSTRAINT call_has_target CHECK ((kind = 'call') = (target IS NOT NULL))
);

-- What came: accepted or not, each time that media were read.
CREATE TABLE network.ferry_arrival (
  id uuid PRIMARY KEY,
  package uuid NOT NULL,
  from_node text NOT NULL,
  sequence bigint NOT NULL,
  outcome text NOT NULL,
  manifest text,
  digest text,
  arrived_at timestamptz NOT NULL,
  receipt text,
  -- A receipt out of the intranet is an export of its own: one official asks for it, another releases it.
  receipt_asked_by uuid,
  receipt_released_by uuid,
  receipt_released_at timestamptz,
  CONSTRAINT two_review CHECK (receipt_released_by <> receipt_asked_by),
  CONSTRAINT released_whole CHECK (num_nulls(receipt_released_by, receipt_released_at) IN (0, 2))
);
CREATE INDEX ferry_arrival_arrived ON network.ferry_arrival (arrived_at DESC, id);
CREATE UNIQUE INDEX ferry_arrival_accepted ON network.ferry_arrival (package) WHERE outcome = 'accepted';

CREATE TABLE network.ferry_arrived_item (
  arrival uuid NOT NULL REFERENCES network.ferry_arrival,
  place integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('document', 'call')),
  title text NOT NULL,
  classification text NOT NULL,
  media_type text NOT NULL,
  digest text NOT NULL,
  bytes bigint NOT NULL,
  target jsonb,
  -- Of a call: what became of it; absent until it was done.
  outcome text,
  PRIMARY KEY (arrival, place)
);
