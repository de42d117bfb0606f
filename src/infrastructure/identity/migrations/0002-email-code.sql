-- Codes that were sent to an e-mail address and wait to be typed in. The address itself is in the register, sealed.
CREATE TABLE identity.email_code (
  holder uuid PRIMARY KEY,
  -- argon2id, PHC string format: six digits would be guessed at once from a plain digest.
  digest text NOT NULL CHECK (digest LIKE '$argon2id$%'),
  tries smallint NOT NULL DEFAULT 0,
  -- Codes sent within the day that began with the first of them.
  sent smallint NOT NULL DEFAULT 1,
  counted_from timestamptz NOT NULL,
  sent_at timestamptz NOT NULL
);
CREATE INDEX email_code_sent ON identity.email_code (sent_at);
