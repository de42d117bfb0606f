-- A notice may be announced by SMS and by e-mail. The e-mail names its notice in a column of its own, so that a process of the
-- version before still finds one row at most for each notice that it knows of.
ALTER TABLE service.outgoing ALTER COLUMN notice_id DROP NOT NULL;
ALTER TABLE service.outgoing ADD COLUMN email_notice_id uuid UNIQUE;
ALTER TABLE service.outgoing ADD CONSTRAINT outgoing_about_one_notice CHECK (num_nonnulls(notice_id, email_notice_id) = 1);
