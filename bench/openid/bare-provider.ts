/** The peer of `bench/openid.ts`: `oidc-provider` as its documentation begins, with its in-memory adapter, at the same addresses. */
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const [issuer = "", id = "", secret = "", redirectUri = ""] = process.argv.slice(2);
const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...key, use: "sig", alg: "ES256" }] },
  clients: [
    {
      client_id: id,
      client_secret: secret,
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
      response_types: ["code"],
      id_token_signed_response_alg: "ES256",
    },
  ],
  claims: { profile: ["name"] },
  findAccount: (_ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId, name: "林晓竹" }) }),
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  routes: {
    authorization: "/openid/auth",
    pushed_authorization_request: "/openid/request",
    token: "/openid/token",
    userinfo: "/openid/userinfo",
    jwks: "/openid/jwks",
  },
  cookies: { keys: ["peer"] },
});
provider.listen(Number(new URL(issuer).port), "127.0.0.1", () => process.send?.("ready"));
