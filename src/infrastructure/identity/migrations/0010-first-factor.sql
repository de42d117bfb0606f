-- Whoever set an account's password knows it: where that was an official, the first second factor takes another one who saw the holder.
-- Empty: the node or the holder set it. Not to be cleared by a changed password, which whoever knows the password can do.
ALTER TABLE identity.credential
  ADD COLUMN set_by uuid,
  ADD COLUMN opened_by uuid,
  ADD COLUMN opened_at timestamptz,
  ADD CONSTRAINT credential_opened_by_another CHECK (opened_by IS DISTINCT FROM set_by OR opened_by IS NULL);
