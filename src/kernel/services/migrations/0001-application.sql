-- Applications for service items: what applicants hand in, what officials decide, what is sent to whom.
-- Whatever may hold personal data is sealed; ids are opaque.
CREATE SCHEMA IF NOT EXISTS service;

CREATE TABLE service.draft (
  id uuid PRIMARY KEY,
  room text NOT NULL,
  service text NOT NULL,
  -- The person who fills it in; with a clerk at a counter, the person who came.
  person_id uuid NOT NULL,
  applicant_kind text NOT NULL CHECK (applicant_kind IN ('person', 'organization')),
  applicant_id uuid NOT NULL,
  clerk_id uuid,
  content bytea NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX draft_person ON service.draft (person_id, updated_at DESC);
CREATE INDEX draft_updated ON service.draft (updated_at);

CREATE TABLE service.application (
  case_id uuid PRIMARY KEY,
  number text NOT NULL UNIQUE,
  draft_id uuid NOT NULL UNIQUE,
  room text NOT NULL,
  service text NOT NULL,
  authority uuid NOT NULL,
  person_id uuid NOT NULL,
  applicant_kind text NOT NULL CHECK (applicant_kind IN ('person', 'organization')),
  applicant_id uuid NOT NULL,
  clerk_id uuid,
  content bytea NOT NULL,
  -- Over the canonical content, by the applicant's key; empty where a clerk filed on paper.
  signature bytea,
  certificate text,
  submitted_at timestamptz NOT NULL
);
CREATE INDEX application_applicant ON service.application (applicant_id, submitted_at DESC);
CREATE INDEX application_person ON service.application (person_id, submitted_at DESC);

-- Files of a draft or a case; bytes are in the file store, by digest.
CREATE TABLE service.material (
  id uuid PRIMARY KEY,
  draft_id uuid NOT NULL,
  case_id uuid,
  name text NOT NULL,
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  bytes bigint NOT NULL CHECK (bytes > 0),
  media_type text NOT NULL,
  file_name bytea NOT NULL,
  removed boolean NOT NULL DEFAULT false,
  uploaded_at timestamptz NOT NULL
);
CREATE INDEX material_draft ON service.material (draft_id) WHERE NOT removed;
CREATE INDEX material_digest ON service.material (digest);

-- What an official filled in to complete a task, or an applicant to supplement.
CREATE TABLE service.record (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  task_id integer,
  element text NOT NULL,
  by_kind text NOT NULL,
  by_id uuid NOT NULL,
  post_id uuid,
  content bytea NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX record_case ON service.record (case_id, at);

CREATE TABLE service.notice (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  kind text NOT NULL,
  -- Which step sent it, so that a repeated step sends it once.
  step text NOT NULL,
  number text NOT NULL UNIQUE,
  -- Sealed: what the document says.
  content bytea NOT NULL,
  digest text,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'stopped')),
  problem jsonb,
  issued_at timestamptz NOT NULL,
  delivered_at timestamptz,
  opened_at timestamptz,
  UNIQUE (case_id, step)
);
CREATE INDEX notice_case ON service.notice (case_id, issued_at);
CREATE INDEX notice_stopped ON service.notice (issued_at) WHERE status = 'stopped';
CREATE INDEX notice_digest ON service.notice (digest);

CREATE TABLE service.message (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL,
  case_id uuid,
  notice_id uuid UNIQUE,
  kind text NOT NULL,
  sent_at timestamptz NOT NULL,
  opened_at timestamptz
);
CREATE INDEX message_person ON service.message (person_id, sent_at DESC);
