-- When answers are due, without a word of whom they concern: what is counted and reminded of each day is no look at anybody.
CREATE TABLE data_rights.due (
  objection uuid PRIMARY KEY,
  number text NOT NULL,
  answer_by date NOT NULL,
  -- The last reminder that was sent: none, that it is due soon, that it is over.
  reminded text NOT NULL DEFAULT 'none' CHECK (reminded IN ('none', 'soon', 'over'))
);
CREATE INDEX due_by ON data_rights.due (answer_by);
