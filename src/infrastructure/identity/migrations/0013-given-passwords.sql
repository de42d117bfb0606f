-- Until when a password opens a session that somebody else set: its holder chooses another before that.
ALTER TABLE identity.credential ADD COLUMN ends_at timestamptz;
