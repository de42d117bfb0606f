-- Names of cases and subjects are spread evenly: in an index over all of the log each entry changes pages of its own, which are
-- seldom at hand and are written whole. Within a volume of 65,536 entries the pages that are written are few, and are those that were
-- written just now. Who looks for a name looks into each volume.
CREATE INDEX entry_case_by_volume ON ledger.entry (((id >> 16)::int), case_ref, id) WHERE case_ref IS NOT NULL;
CREATE INDEX entry_subject_by_volume ON ledger.entry (((id >> 16)::int), subject, id) WHERE subject IS NOT NULL;
DROP INDEX ledger.entry_case;
DROP INDEX ledger.entry_subject;
