-- The policies by which anything was ever decided, by the digest under which entries of the ledger name them.
CREATE SCHEMA IF NOT EXISTS access;

-- A policy, by the hash of its leaf: SHA-256(0x00 ‖ text).
CREATE TABLE access.policy (
  hash bytea PRIMARY KEY CHECK (length(hash) = 32),
  text text NOT NULL
);
-- A set, by the root of the RFC 9162 tree over its policies, which stand in the order of their ids.
CREATE TABLE access.policy_set (
  root bytea PRIMARY KEY CHECK (length(root) = 32),
  hashes bytea NOT NULL CHECK (length(hashes) % 32 = 0),
  kept_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION access.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'access.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER policy_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access.policy
  FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_change();
CREATE TRIGGER policy_set_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access.policy_set
  FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_change();
