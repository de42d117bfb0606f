-- What only one open case may be about, in the words of the item's room, such as the renewal of one licence. It goes when the case
-- is closed.
CREATE TABLE service.hold (
  room text NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  case_id uuid NOT NULL,
  PRIMARY KEY (room, key)
);
CREATE INDEX hold_case ON service.hold (case_id);
