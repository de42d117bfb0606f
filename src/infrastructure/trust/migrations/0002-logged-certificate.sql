CREATE SCHEMA IF NOT EXISTS trust;

-- Which entry of the ledger tells that a certificate was issued or ended. Written with the entry, so that a certificate that stands
-- here is in the log, and whoever has it can have that proved.
CREATE TABLE trust.logged_certificate (
  entry_id bigint PRIMARY KEY,
  -- SHA-256 of the certificate.
  fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
  what text NOT NULL CHECK (what IN ('certificate-issued', 'certificate-revoked', 'certificate-reinstated'))
);
CREATE INDEX logged_certificate_fingerprint ON trust.logged_certificate (fingerprint, entry_id);
CREATE UNIQUE INDEX logged_certificate_issued ON trust.logged_certificate (fingerprint) WHERE what = 'certificate-issued';

-- Certificates from before that, which are still to be entered.
CREATE TABLE trust.unlogged_certificate (key uuid PRIMARY KEY);
DO $$
BEGIN
  IF to_regclass('trust.certificate') IS NOT NULL THEN
    INSERT INTO trust.unlogged_certificate (key) SELECT DISTINCT key FROM trust.certificate;
  END IF;
END
$$;
