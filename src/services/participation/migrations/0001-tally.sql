CREATE SCHEMA IF NOT EXISTS participation;

-- How often each degree was given, so that figures are shown without reading anyone's rating.
CREATE TABLE participation.tally (
  authority uuid NOT NULL,
  score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
  count integer NOT NULL,
  -- Of the poor ones: how many were answered.
  answered integer NOT NULL DEFAULT 0,
  PRIMARY KEY (authority, score)
);
