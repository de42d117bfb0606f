/**
 * Remote signing by the API of the Cloud Signature Consortium, version 2: OAuth 2.0 client credentials, `credentials/list`, `credentials/info`,
 * `credentials/authorize`, `signatures/signHash`. The service sees digests, never documents. Every wait, answer and crowd is bounded;
 * redirects are not followed.
 */
import { request } from "node:https";
import { z } from "zod";
import { Fault } from "#kernel/errors/fault";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import "../faults.ts";
import type { SealServiceSettings } from "./settings.ts";

const ANSWER_MAX_BYTES = 262_144;
/** Questions under way; more are refused at once rather than kept waiting. */
const SEAL_CALLS_MAX = 32;
/** A token is given up so long before its end. */
const TOKEN_MARGIN_MS = 30_000;
const TOKEN_LIFE_SECONDS = 3_600;

const Token = z.object({
  access_token: z.string().min(1).max(8_192),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive().max(31_536_000).default(TOKEN_LIFE_SECONDS),
});
const Identifier = z.string().min(1).max(200);
const CredentialList = z.object({ credentialIDs: z.array(Identifier).max(10_000) });
const Credential = z.object({
  key: z.object({ status: z.string().max(50), algo: z.array(z.string().max(100)).min(1).max(20) }),
  cert: z.object({
    status: z.string().max(50).optional(),
    certificates: z.array(z.string().max(90_000)).min(1).max(8),
  }),
  auth: z.object({ mode: z.string().max(50) }),
});
export type CredentialInfo = z.output<typeof Credential>;
const Authorized = z.object({ SAD: z.string().min(1).max(65_536) });
const Signed = z.object({ signatures: z.array(z.string().max(4_096)).length(1) });
const Refused = z.object({ error: z.string().max(100) });

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface HashToSign {
  readonly credential: string;
  readonly pin?: string | undefined;
  readonly hash: Uint8Array;
  /** Dotted identifier of its algorithm. */
  readonly hashAlgorithm: string;
  /** Dotted identifier of the signature's algorithm. */
  readonly algorithm: string;
  /** DER of its parameters. */
  readonly parameters?: Uint8Array | undefined;
}

export class SealServiceClient {
  readonly #settings: SealServiceSettings;
  #token: { readonly value: string; readonly untilMs: number } | undefined;
  #underWay = 0;

  constructor(settings: SealServiceSettings) {
    this.#settings = settings;
  }

  /** The credentials that this node may use. @throws {Fault} ERR_TRUST_SEAL_SERVICE, as the others do */
  async credentials(): Promise<readonly string[]> {
    return (await this.#ask("credentials/list", {}, CredentialList)).credentialIDs;
  }

  credential(credentialID: string): Promise<CredentialInfo> {
    return this.#ask("credentials/info", { credentialID, certificates: "chain", authInfo: true }, Credential);
  }

  /** @returns the signature as the service gives it */
  async signHash({ credential, pin, hash, hashAlgorithm, algorithm, parameters }: HashToSign): Promise<Uint8Array> {
    const about = { credentialID: credential, hashes: [toBase64(hash)], hashAlgorithmOID: hashAlgorithm };
    const authData = pin === undefined ? {} : { authData: [{ id: "PIN", value: pin }] };
    const { SAD } = await this.#ask("credentials/authorize", { ...about, numSignatures: 1, ...authData }, Authorized);
    const how = { signAlgo: algorithm, ...(parameters && { signAlgoParams: toBase64(parameters) }) };
    const { signatures } = await this.#ask("signatures/signHash", { ...about, SAD, ...how }, Signed);
    const signature = fromBase64(signatures[0] ?? "");
    if (signature === undefined) throw refused("signatures/signHash: not base64");
    return signature;
  }

  async #ask<T>(method: string, body: object, shape: z.ZodType<T>): Promise<T> {
    let answer = await this.#post(method, body);
    // A token that the service gave up before its end: one more try, with a new one.
    if (answer.status === 401) {
      this.#token = undefined;
      answer = await this.#post(method, body);
    }
    return read(method, answer, shape);
  }

  async #post(method: string, body: object): Promise<Answer> {
    const authorization = `Bearer ${await this.#accessToken()}`;
    const headers = { authorization, "content-type": "application/json" };
    return this.#send(`${this.#settings.url}/${method}`, headers, JSON.stringify(body));
  }

  async #accessToken(): Promise<string> {
    const nowMs = performance.now();
    if (this.#token !== undefined && nowMs < this.#token.untilMs) return this.#token.value;
    const { tokenUrl, clientId, clientSecret } = this.#settings;
    // RFC 6749 §2.3.1: each is encoded for a form before it goes into the header.
    const pair = [clientId, clientSecret].map(encodeURIComponent).join(":");
    const headers = {
      authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    };
    const answer = await this.#send(tokenUrl, headers, "grant_type=client_credentials&scope=service");
    const { access_token: value, expires_in: seconds } = read("oauth2/token", answer, Token);
    this.#token = { value, untilMs: nowMs + seconds * 1_000 - TOKEN_MARGIN_MS };
    return value;
  }

  async #send(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answer> {
    if (this.#underWay >= SEAL_CALLS_MAX) throw refused("too many calls under way");
    this.#underWay += 1;
    try {
      const { ca, timeoutMs } = this.#settings;
      return await exchange(url, { headers, body, ca, timeoutMs });
    } finally {
      this.#underWay -= 1;
    }
  }
}

function read<T>(method: string, { status, body }: Answer, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(body);
  if (status === 200 && parsed.success) return parsed.data;
  const error = Refused.safeParse(body).data?.error;
  const said = error !== undefined && /^[a-z_]{1,60}$/.test(error) ? ` ${error}` : "";
  throw refused(`${method}: ${status}${status === 200 ? " in another form" : said}`);
}

/** What the service said is no text for a message; its code and status are. */
export function refused(message: string, cause?: unknown): Fault {
  return new Fault("ERR_TRUST_SEAL_SERVICE", { message, ...(cause !== undefined && { cause }) });
}

function exchange(
  url: string,
  asked: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly ca: string | undefined;
    readonly timeoutMs: number;
  },
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const signal = AbortSignal.timeout(asked.timeoutMs);
  const fail = (cause: unknown) => reject(refused("no answer", cause));
  const options = { method: "POST", signal, headers: asked.headers, ...(asked.ca !== undefined && { ca: asked.ca }) };
  const sent = request(url, { ...options, minVersion: "TLSv1.2" }, (response) => {
    const parts: Buffer[] = [];
    let size = 0;
    response.on("data", (part: Buffer) => {
      size += part.length;
      if (size > ANSWER_MAX_BYTES) sent.destroy(new RangeError("an answer is too big"));
      else parts.push(part);
    });
    response.on("error", fail);
    response.on("end", () =>
      resolve({ status: response.statusCode ?? 0, body: json(Buffer.concat(parts).toString("utf8")) }),
    );
  });
  sent.on("error", fail);
  sent.end(asked.body);
  return promise;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
