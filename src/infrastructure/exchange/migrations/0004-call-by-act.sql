-- Acts are numbered by time, and rows come in that order: a range per block finds them at a thousandth of the index's size.
DROP INDEX exchange.call_act;
CREATE INDEX call_act ON exchange.call USING brin (act) WITH (pages_per_range = 16);
