/**
 * Signing in through another identity platform (OpenID Connect, code flow with PKCE): what is asked of it, and what its answer says. Who that
 * is here, the operation `signInUpstream` decides.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { Assurance } from "#kernel/system/act";
import { isLoopback, type UpstreamSettings } from "./settings.ts";

/** The platform answers within this, or the sign-in is tried again. */
const TIMEOUT_SECONDS = 10;
const CLAIM_MAX_CHARACTERS = 200;

/** What a browser keeps, sealed, while it is away. */
export interface Away {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Where it goes on afterwards, below this node's own address. */
  readonly back: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What the platform says of whoever came back. */
export interface UpstreamIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | undefined;
  readonly identityNumber: string | undefined;
  readonly level: Assurance;
  /** When it last made sure who that is, ISO 8601 UTC; undefined where it does not say. */
  readonly provenAt: string | undefined;
}

export class Upstream {
  readonly settings: UpstreamSettings;
  readonly #callback: string;
  #discovered: Promise<Configuration> | undefined;

  /** @param callback where the platform sends browsers back to, as it is registered there */
  constructor(settings: UpstreamSettings, callback: string) {
    this.settings = settings;
    this.#callback = callback;
  }

  /** Where to send a browser, and what it has to bring back. */
  async begin(back: string, at: string): Promise<{ readonly url: string; readonly away: Away }> {
    const away = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), back, at };
    const url = buildAuthorizationUrl(await this.#configuration(), {
      redirect_uri: this.#callback,
      scope: ["openid", ...this.settings.scopes].join(" "),
      code_challenge: await calculatePKCECodeChallenge(away.verifier),
      code_challenge_method: "S256",
      state: away.state,
      nonce: away.nonce,
    });
    return { url: url.href, away };
  }

  /**
   * Redeems what a browser brought back: signature, issuer, audience, times, nonce and state are checked by the library.
   * @param query as it came
   * @throws whatever is wrong with it
   */
  async finish(query: string, away: Away): Promise<UpstreamIdentity> {
    const configuration = await this.#configuration();
    const tokens = await authorizationCodeGrant(configuration, new URL(`${this.#callback}?${query}`), {
      pkceCodeVerifier: away.verifier,
      expectedState: away.state,
      expectedNonce: away.nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new RangeError("there is no ID token");
    const hasMore = configuration.serverMetadata().userinfo_endpoint !== undefined;
    const more = hasMore ? await fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
    const said: Readonly<Record<string, unknown>> = { ...more, ...claims };
    const { claims: names, assurance } = this.settings;
    const { acr, auth_time: provenSeconds } = claims;
    return {
      issuer: claims.iss,
      subject: claims.sub,
      name: textOf(said[names.name]),
      identityNumber: textOf(said[names.identityNumber]),
      level: (typeof acr === "string" && Object.hasOwn(assurance, acr) ? assurance[acr] : undefined) ?? 1,
      provenAt: typeof provenSeconds === "number" ? new Date(provenSeconds * 1000).toISOString() : undefined,
    };
  }

  /** Asked for once; where the platform was away, again at the next sign-in. */
  #configuration(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const url = new URL(issuer);
    this.#discovered ??= discovery(url, clientId, undefined, ClientSecretBasic(clientSecret), {
      timeout: TIMEOUT_SECONDS,
      ...(url.protocol === "http:" && isLoopback(url.hostname) && { execute: [allowInsecureRequests] }),
    });
    this.#discovered.catch(() => {
      this.#discovered = undefined;
    });
    return this.#discovered;
  }
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === "string" && claim.length <= CLAIM_MAX_CHARACTERS ? claim.trim() : undefined;
}
