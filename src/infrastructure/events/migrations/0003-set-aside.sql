-- By lane, what holds up those behind it: one that is tried again, a dead letter, what waits behind either.
CREATE INDEX delivery_set_aside ON events.delivery (subscription, lane, seq)
  WHERE lane IS NOT NULL AND (state <> 'waiting' OR attempts > 0);
