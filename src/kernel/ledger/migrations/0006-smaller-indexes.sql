-- What an entry costs in indexes of names. Names are 16 bytes that are spread evenly: four of a digest of theirs find the entry, whose own
-- name is compared then. Of actors, who are few, the key is one for all that each does within a volume of 4,096 entries, and is kept once.
CREATE INDEX entry_actor_digest ON ledger.entry (hashbytea(actor), ((id >> 12)::int)) WHERE actor IS NOT NULL;
CREATE INDEX entry_case_digest ON ledger.entry (((id >> 16)::int), hashbytea(case_ref)) WHERE case_ref IS NOT NULL;
CREATE INDEX entry_subject_digest ON ledger.entry (((id >> 16)::int), hashbytea(subject)) WHERE subject IS NOT NULL;
DROP INDEX ledger.entry_actor;
DROP INDEX ledger.entry_case_by_volume;
DROP INDEX ledger.entry_subject_by_volume;
