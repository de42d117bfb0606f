-- The keys of the node itself but for those that seal and find: the one that wraps all others, and those that sign. What they are made of is in the
-- key store; here stands that there are such keys, for what, since when, until when, and what became of each.
CREATE TABLE trust.signing_key (
  label text NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
  -- SHA-256 of the public half, hexadecimal; of the key that wraps, a name that derives from it.
  fingerprint text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  use text NOT NULL,
  algorithm text NOT NULL,
  state text NOT NULL
    CHECK (state IN ('pre-active', 'active', 'suspended', 'deactivated', 'compromised', 'destroyed')),
  noted_at timestamptz NOT NULL,
  replace_by timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (label, fingerprint)
);

CREATE FUNCTION trust.keep_signing_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' THEN
    RAISE EXCEPTION 'a key stays in the register' USING ERRCODE = 'restrict_violation';
  END IF;
  IF to_jsonb(NEW) - '{state,ended_at,replace_by}'::text[] <> to_jsonb(OLD) - '{state,ended_at,replace_by}'::text[] THEN
    RAISE EXCEPTION 'a key stays what it is' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state <> OLD.state AND NOT (NEW.state = ANY (CASE OLD.state
      WHEN 'pre-active' THEN ARRAY['active', 'compromised', 'destroyed']
      WHEN 'active' THEN ARRAY['suspended', 'deactivated', 'compromised']
      WHEN 'suspended' THEN ARRAY['active', 'deactivated', 'compromised']
      WHEN 'deactivated' THEN ARRAY['compromised', 'destroyed']
      WHEN 'compromised' THEN ARRAY['destroyed']
      ELSE ARRAY[]::text[] END)) THEN
    RAISE EXCEPTION 'a key that is % does not become %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER signing_key_life_cycle BEFORE UPDATE ON trust.signing_key
  FOR EACH ROW EXECUTE FUNCTION trust.keep_signing_key();
CREATE TRIGGER signing_key_stays BEFORE DELETE OR TRUNCATE ON trust.signing_key
  FOR EACH STATEMENT EXECUTE FUNCTION trust.keep_signing_key();
