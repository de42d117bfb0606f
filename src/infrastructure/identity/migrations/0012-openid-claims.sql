-- What a system is given beyond the subject: for each claim its own purpose and legal basis (个人信息保护法 §6, §17).
CREATE TABLE identity.openid_client_claim (
  client uuid NOT NULL REFERENCES identity.openid_client (id),
  scope text NOT NULL CHECK (scope IN ('profile', 'organization', 'post')),
  purpose_zh text NOT NULL,
  purpose_en text NOT NULL,
  -- "law article", Chinese; none: whom it is about agrees.
  legal_basis text[] NOT NULL,
  PRIMARY KEY (client, scope)
);

INSERT INTO identity.openid_client_claim (client, scope, purpose_zh, purpose_en, legal_basis)
SELECT id, unnest(scopes), purpose_zh, purpose_en, CASE basis WHEN 'statutory' THEN legal_basis ELSE '{}' END
  FROM identity.openid_client;

-- A process of the version before still reads them while it hands over: to it a new system is given nothing but the subject.
ALTER TABLE identity.openid_client ALTER COLUMN scopes SET DEFAULT '{}', ALTER COLUMN basis SET DEFAULT 'statutory';
