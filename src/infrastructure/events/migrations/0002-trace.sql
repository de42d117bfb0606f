-- Where traces are collected: where in which trace the event was published (W3C Trace Context, `traceparent`).
ALTER TABLE events.event ADD COLUMN trace text CHECK (length(trace) = 55);
