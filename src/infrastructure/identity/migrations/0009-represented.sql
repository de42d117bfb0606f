-- A person may act for another person, as for an organization; for one of them at a time.
ALTER TABLE identity.session
  ADD COLUMN represented uuid,
  ADD CONSTRAINT session_acts_for_one CHECK (organization IS NULL OR represented IS NULL);
