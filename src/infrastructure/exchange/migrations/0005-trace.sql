-- Where traces are collected: of which trace a call was a part (W3C Trace Context: 16 bytes, kept in the form of a uuid). Else nothing is
-- kept, and nothing is spent on it.
ALTER TABLE exchange.call ADD COLUMN trace uuid;
CREATE INDEX call_trace ON exchange.call (trace) WHERE trace IS NOT NULL;
