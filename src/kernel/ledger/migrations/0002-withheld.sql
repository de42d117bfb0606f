-- What is withheld from its subject is kept until he could read it: such entries are few, and are looked for by themselves.
CREATE INDEX subject_withheld ON ledger.subject (entry_id) WHERE withheld_until IS NOT NULL;
