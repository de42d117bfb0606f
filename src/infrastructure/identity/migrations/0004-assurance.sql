-- When a session last proved each level beyond a password, by which methods (RFC 8176), and on what kind of device.
ALTER TABLE identity.session
  ADD COLUMN level2_at timestamptz,
  ADD COLUMN level3_at timestamptz,
  ADD COLUMN methods text[] NOT NULL DEFAULT '{pwd}',
  ADD COLUMN agent text NOT NULL DEFAULT '';
