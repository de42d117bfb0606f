-- Whether a copy was whole once since it was begun: one that stopped goes on from there.
ALTER TABLE datasets.copy ADD COLUMN whole boolean NOT NULL DEFAULT false;

-- Whoever writes through the whole is summed up as well: a statement sees the triggers of the table that it names.
CREATE TRIGGER summed_come AFTER INSERT ON datasets.version REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION datasets.sum_up();
CREATE TRIGGER summed_gone AFTER DELETE ON datasets.version REFERENCING OLD TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION datasets.sum_up();

-- Derived where it is stored.
DROP TRIGGER guarded ON datasets.version;
ALTER TABLE datasets.version DROP COLUMN place, ADD COLUMN place int GENERATED ALWAYS AS (feed.place(key)) STORED;
CREATE TRIGGER guarded BEFORE INSERT OR DELETE OR TRUNCATE OR UPDATE
  OF copy, key, valid_from, valid_to, recorded_from, authority, legal_basis, act_id, division, digest, data, bound, found
  ON datasets.version FOR EACH STATEMENT EXECUTE FUNCTION datasets.guard();
