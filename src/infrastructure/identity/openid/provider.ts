import { type Configuration, errors, interactionPolicy, Provider } from "oidc-provider";
import type { Kernel } from "#kernel/system/kernel";
import { fromBase64url } from "#lib/crypto/base64url";
import { equalSecrets } from "#lib/crypto/digest";
import type { IdentityPrincipals } from "../ports.ts";
import { identityNamed, pairwiseSubject } from "./acting-identity.ts";
import { Artifacts } from "./artifacts.ts";
import { ACR_VALUES, askedLevel, claimsOf, levelOf, SCOPE_CLAIMS } from "./claims.ts";
import { secretDigest } from "./client-secret.ts";
import { CookieKeys } from "./cookie-keys.ts";
import { recordDisclosures } from "./disclosures.ts";
import type { EndpointPages } from "./endpoint-pages.ts";
import { INTERACTION_PATH, OPENID_PATH, protocolCookies } from "./paths.ts";
import { sessionNamed } from "./present-identity.ts";
import { OWN_METADATA, RegisteredClients } from "./registered-clients.ts";
import { signOutEverywhere } from "./sign-out.ts";
import { type TokenKey, TokenSigningKey } from "./token-keys.ts";

const CODE_TTL_SECONDS = 60;
const ACCESS_TOKEN_TTL_SECONDS = 600;
const ID_TOKEN_TTL_SECONDS = 600;
const INTERACTION_TTL_SECONDS = 900;
/** As long as a session of the node may last. */
const SESSION_TTL_SECONDS = 12 * 3600;
/** A system that is told of a sign-out answers within this. */
const FETCH_TIMEOUT_MS = 2_500;

export interface OpenidNeeds {
  readonly kernel: Kernel;
  readonly principals: IdentityPrincipals;
  /** `https://services.example.gov.cn`, which is the issuer. */
  readonly publicUrl: string;
  readonly keys: readonly TokenKey[];
  readonly pages: EndpointPages;
  /** Ends a session of the node. */
  readonly endSession: (session: string) => Promise<unknown>;
}

/** The OpenID Connect provider of a node: code flow alone, with pushed requests and PKCE, pairwise subjects, ES256. */
export function openidProvider(needs: OpenidNeeds): Provider {
  const { kernel, principals, publicUrl } = needs;
  const { database, vault } = kernel;
  const subjectKey = vault.stayingKey("openid-subject");
  const registered = new RegisteredClients(database);
  const configuration: Configuration = {
    adapter: (model: string) => (model === "Client" ? registered : new Artifacts(model, { database, vault })),
    jwks: { keys: needs.keys.map((key) => new TokenSigningKey(key)) },
    clientDefaults: { id_token_signed_response_alg: "ES256", subject_type: "pairwise" },
    extraClientMetadata: { properties: [...OWN_METADATA] },
    subjectTypes: ["pairwise"],
    pairwiseIdentifier: async (_ctx, accountId, client) => {
      const identity = identityNamed(accountId);
      if (!identity) throw new errors.InvalidRequest("the subject is not one of ours");
      return pairwiseSubject(subjectKey, String(client["zt_sector"]), identity);
    },
    findAccount: async (_ctx, accountId) => {
      const session = await sessionNamed(principals, accountId, kernel.now());
      return session && { accountId, claims: async () => ({ sub: accountId, ...claimsOf(session) }) };
    },
    claims: Object.fromEntries(Object.entries(SCOPE_CLAIMS).map(([scope, claims]) => [scope, [...claims]])),
    scopes: ["openid"],
    acrValues: ACR_VALUES,
    responseTypes: ["code"],
    clientAuthMethods: ["client_secret_basic", "private_key_jwt"],
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    enabledJWA: {
      clientAuthSigningAlgValues: ["ES256"],
      idTokenSigningAlgValues: ["ES256"],
      userinfoSigningAlgValues: ["ES256"],
      dPoPSigningAlgValues: ["ES256", "EdDSA", "Ed25519"],
    },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: { enabled: true, nonceSecret: Buffer.from(vault.key("openid-dpop-nonce")) },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: needs.pages.logout,
        postLogoutSuccessSource: needs.pages.loggedOut,
      },
      resourceIndicators: { enabled: false },
      externalSigningSupport: { enabled: true, ack: "experimental-01" },
    },
    routes: {
      authorization: `${OPENID_PATH}/auth`,
      pushed_authorization_request: `${OPENID_PATH}/request`,
      token: `${OPENID_PATH}/token`,
      userinfo: `${OPENID_PATH}/userinfo`,
      jwks: `${OPENID_PATH}/jwks`,
      end_session: `${OPENID_PATH}/session/end`,
    },
    cookies: {
      names: protocolCookies(publicUrl),
      long: { httpOnly: true, sameSite: "lax", signed: true },
      short: { httpOnly: true, sameSite: "lax", signed: true },
      // The library takes a list that stays, or what signs by itself: these keys change while the node works.
      keys: new CookieKeys(() => vault.keys("openid-cookie")) as unknown as string[],
    },
    ttl: {
      AccessToken: ACCESS_TOKEN_TTL_SECONDS,
      AuthorizationCode: CODE_TTL_SECONDS,
      IdToken: ID_TOKEN_TTL_SECONDS,
      Interaction: INTERACTION_TTL_SECONDS,
      Session: SESSION_TTL_SECONDS,
      Grant: SESSION_TTL_SECONDS,
    },
    interactions: {
      policy: policyOf(needs),
      url: (_ctx, interaction) => `${INTERACTION_PATH}/${interaction.uid}`,
    },
    clientBasedCORS: () => false,
    renderError: needs.pages.problem,
    fetch: async (url, options) => {
      const { dispatcher, ...plain } = options as RequestInit & { readonly dispatcher?: unknown };
      const bounded = { ...plain, redirect: "manual", signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) } as const;
      // The library's dispatcher refuses private addresses, where departments' systems live: an administrator who registered this
      // very address vouches for it, and for no other.
      if (await registered.isTold(String(url))) return fetch(url, bounded);
      return fetch(url, { ...bounded, dispatcher } as RequestInit);
    },
  };
  const provider = new Provider(publicUrl, configuration);
  keepDigestsAlone(provider);
  // The request's own Host and protocol are set to the issuer's by whoever mounts it.
  provider.proxy = true;
  provider.use(recordDisclosures(kernel));
  provider.use(signOutEverywhere({ ...needs, secure: publicUrl.startsWith("https:") }));
  return provider;
}

/** Judges a client's secret by its digest, which is all that is stored. */
function keepDigestsAlone(provider: Provider): void {
  const { Client } = provider as unknown as {
    readonly Client: { readonly prototype: { compareClientSecret(actual: string): boolean } };
  };
  Client.prototype.compareClientSecret = function compare(this: Readonly<Record<string, unknown>>, actual: string) {
    const known = fromBase64url(String(this["zt_secret_digest"] ?? ""));
    return known !== undefined && known.length > 0 && equalSecrets(known, secretDigest(String(actual)));
  };
}

/** The library's own checks, and that its session is the one that the node knows now: whoever signed out here is nobody there. */
function policyOf(needs: OpenidNeeds): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  policy.get("login")?.checks.add(
    new interactionPolicy.Check("node_session", "End-User authentication is required", "login_required", (ctx) => {
      const { accountId } = ctx.oidc.session ?? {};
      if (accountId === undefined) return false; // its own check asks for this
      return needs.pages.present(ctx.req) !== accountId;
    }),
  );
  policy.get("login")?.checks.add(
    // It was proved less before than is asked now: what is asked is proved first, whatever session there is.
    new interactionPolicy.Check("node_assurance", "End-User authentication is required", "login_required", (ctx) => {
      const { session, params } = ctx.oidc;
      if (session?.accountId === undefined) return false;
      return levelOf(session.acr) < askedLevel(params?.["acr_values"]);
    }),
  );
  return policy;
}
