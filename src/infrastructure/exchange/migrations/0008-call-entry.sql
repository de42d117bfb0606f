-- The log of exchanges is looked through as the ledger is, by stretches of entries: entries of calls come in their order.
CREATE INDEX call_entry ON exchange.call USING brin (entry) WITH (pages_per_range = 16, autosummarize = on);
