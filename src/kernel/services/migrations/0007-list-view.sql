-- Whose names an official saw in a list on a day: the ledger has each of them once a day, however often the list is looked at.
CREATE TABLE service.list_view (
  official_id uuid NOT NULL,
  list text NOT NULL,
  day date NOT NULL,
  subject_kind text NOT NULL CHECK (subject_kind IN ('person', 'organization')),
  subject_id uuid NOT NULL,
  PRIMARY KEY (official_id, list, day, subject_kind, subject_id)
);
CREATE INDEX list_view_day ON service.list_view (day);
