-- Which events belong to a trace. `.` follows `-` among the characters: everything that begins with a trace's own is a range.
CREATE INDEX event_trace ON events.event (trace) WHERE trace IS NOT NULL;
