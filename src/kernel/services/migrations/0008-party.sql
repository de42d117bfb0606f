-- Others whose weighty interests a case touches (利害关系人, 行政许可法 §36, §47): who they are is sealed; told, answered and by which
-- message stand in the clear, since the case waits for it.
CREATE TABLE service.party (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('person', 'organization')),
  -- In the registers, with the person who is written to; absent where nobody is registered.
  subject_id uuid,
  person_id uuid,
  content bytea NOT NULL,
  named_at timestamptz NOT NULL,
  -- The day on which the notice of their rights reached them, in China: their period runs from then.
  told_on date,
  answer text,
  answered_at timestamptz,
  CHECK ((subject_id IS NULL) = (person_id IS NULL)),
  CHECK ((answer IS NULL) = (answered_at IS NULL)),
  CHECK (answer IS NULL OR told_on IS NOT NULL)
);
CREATE INDEX party_case ON service.party (case_id, named_at);
CREATE INDEX party_person ON service.party (person_id, named_at DESC) WHERE person_id IS NOT NULL;
CREATE INDEX party_subject ON service.party (subject_id, named_at DESC) WHERE subject_id IS NOT NULL;
CREATE UNIQUE INDEX party_once ON service.party (case_id, subject_id) WHERE subject_id IS NOT NULL;

-- A notice to one of them. Whoever has no account here is handed it: `made` until an official records that it was delivered.
ALTER TABLE service.notice ADD COLUMN party_id uuid;
CREATE INDEX notice_party ON service.notice (party_id) WHERE party_id IS NOT NULL;
ALTER TABLE service.notice DROP CONSTRAINT notice_status_check;
ALTER TABLE service.notice ADD CONSTRAINT notice_status_check CHECK (status IN ('waiting', 'made', 'delivered', 'stopped'));
