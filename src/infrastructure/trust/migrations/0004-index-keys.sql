-- The keys by which what is sealed is found, subjects are named in the ledger's tables, and forms carry tokens: generation by
-- generation, as those that seal. They stand apart, so that a process of the version before takes none of them for one that seals.
CREATE TABLE trust.index_key (LIKE trust.data_key INCLUDING CONSTRAINTS);
ALTER TABLE trust.index_key ADD PRIMARY KEY (id), ADD UNIQUE (generation);
CREATE UNIQUE INDEX index_key_active ON trust.index_key ((true)) WHERE state = 'active';
CREATE UNIQUE INDEX index_key_next ON trust.index_key ((true)) WHERE state = 'pre-active';
CREATE TRIGGER index_key_life_cycle BEFORE UPDATE ON trust.index_key
  FOR EACH ROW EXECUTE FUNCTION trust.keep_life_cycle();
CREATE TRIGGER index_key_stays BEFORE DELETE OR TRUNCATE ON trust.index_key
  FOR EACH STATEMENT EXECUTE FUNCTION trust.keep_life_cycle();

-- What happens to keys, and what is proposed, is of either kind: that there is such a key, the operations see to.
ALTER TABLE trust.data_key_event DROP CONSTRAINT data_key_event_key_id_fkey;
ALTER TABLE trust.key_proposal DROP CONSTRAINT key_proposal_key_id_fkey;
