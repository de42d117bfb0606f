import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { Browser } from "../guides/browser.ts";
import type { Registered } from "../guides/openid-node.ts";

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/** A client of the provider that says whatever it is told to, right or wrong: no library stands between it and the wire. */
export class System {
  readonly issuer: string;
  readonly redirectUri: string;
  readonly #registered: Registered;

  constructor(issuer: string, registered: Registered, redirectUri: string) {
    this.issuer = issuer;
    this.redirectUri = redirectUri;
    this.#registered = registered;
  }

  get id(): string {
    return this.#registered.id;
  }

  /** The same without its secret: what proves who it is stands in the form. */
  async sendUnproved(path: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
    return answerOf(await fetch(`${this.issuer}${path}`, { method: "POST", body: new URLSearchParams(fields) }));
  }

  /** Sends a form to an endpoint; `undefined` leaves a parameter out. */
  async send(
    path: string,
    fields: Readonly<Record<string, string | undefined>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const { id, secret } = this.#registered;
    const given = Object.entries(fields).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return answerOf(
      await fetch(`${this.issuer}${path}`, {
        method: "POST",
        headers: {
          authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
          "content-type": "application/x-www-form-urlencoded",
          ...headers,
        },
        body: new URLSearchParams(given),
      }),
    );
  }

  /** Pushes a request; what is given replaces what would be right. */
  push(given: Readonly<Record<string, string | undefined>> = {}, verifier = newVerifier()): Promise<Answer> {
    return this.send("/openid/request", {
      response_type: "code",
      client_id: this.id,
      redirect_uri: this.redirectUri,
      scope: "openid profile",
      state: "state",
      nonce: "nonce",
      code_challenge: challengeOf(verifier),
      code_challenge_method: "S256",
      ...given,
    });
  }

  /** Where a pushed request sends the browser. */
  async authorization(
    verifier = newVerifier(),
    given: Readonly<Record<string, string | undefined>> = {},
  ): Promise<URL> {
    const pushed = await this.push(given, verifier);
    if (pushed.status !== 201) throw new Error(`not pushed: ${JSON.stringify(pushed.body)}`);
    const to = new URL(`${this.issuer}/openid/auth`);
    to.search = new URLSearchParams({ client_id: this.id, request_uri: String(pushed.body["request_uri"]) }).toString();
    return to;
  }

  /** A whole sign-in of a browser that is signed in to the node; gives the answer at the redirect address. */
  async signIn(
    browser: Browser,
    verifier = newVerifier(),
    given: Readonly<Record<string, string | undefined>> = {},
  ): Promise<URLSearchParams> {
    const notice = await browser.open(await this.authorization(verifier, given), this.redirectUri);
    if (!browser.address.href.startsWith(this.redirectUri)) {
      await browser.fill(notice, /\/sign-in\/for\//, { decision: "continue" }, this.redirectUri);
    }
    return browser.address.searchParams;
  }

  tokens(
    code: string | null,
    verifier: string | undefined,
    { given = {}, proof }: { readonly given?: Readonly<Record<string, string>>; readonly proof?: string } = {},
  ): Promise<Answer> {
    const fields = { grant_type: "authorization_code", code: code ?? "", redirect_uri: this.redirectUri };
    return this.send("/openid/token", { ...fields, code_verifier: verifier, ...given }, proof ? { dpop: proof } : {});
  }

  async userinfo(token: unknown, proof?: string): Promise<Answer> {
    const scheme = proof === undefined ? "Bearer" : "DPoP";
    const headers = { authorization: `${scheme} ${String(token)}`, ...(proof !== undefined && { dpop: proof }) };
    return answerOf(await fetch(`${this.issuer}/openid/userinfo`, { headers }));
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: unknown = {};
  try {
    body = JSON.parse(text);
  } catch {
    // A page for people.
  }
  return { status: response.status, body: body as Answer["body"], headers: response.headers };
}

export function newVerifier(): string {
  return randomBytes(32).toString("base64url");
}

function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

/** A key of a system, and proofs that it holds it (RFC 9449). */
export class ProofKey {
  readonly #private: KeyObject;
  readonly #public: KeyObject;

  constructor() {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#private = pair.privateKey;
    this.#public = pair.publicKey;
  }

  /** As a system registers it. */
  get jwk(): object {
    return { ...this.#public.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: "own" };
  }

  /** By which a system proves who it is (RFC 7523). */
  assertion(claims: Readonly<Record<string, unknown>>): string {
    return this.#signed({ alg: "ES256", kid: "own" }, claims);
  }

  proof(method: string, address: string, token?: string): string {
    const header = { typ: "dpop+jwt", alg: "ES256", jwk: this.#public.export({ format: "jwk" }) };
    const payload = {
      jti: randomBytes(16).toString("hex"),
      htm: method,
      htu: address,
      iat: Math.floor(Date.now() / 1000),
      ...(token !== undefined && { ath: challengeOf(token) }),
    };
    return this.#signed(header, payload);
  }

  #signed(header: object, payload: object): string {
    const said = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const signature = sign("sha256", Buffer.from(said), { key: this.#private, dsaEncoding: "ieee-p1363" });
    return `${said}.${signature.toString("base64url")}`;
  }
}
