import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import {
  ALGORITHM_NAME,
  DIGEST_ALGORITHM,
  DIGESTS_NAME,
  type Disclosure,
  ELEMENT_NAME,
  isReservedName,
  parseDisclosure,
} from "./disclosure.ts";
import { signJwt, TOKEN_DEPTH_MAX, type TokenSigner } from "./issue.ts";

export const TOKEN_MAX_BYTES = 256 * 1024;
export const DISCLOSURES_MAX = 1_000;

/** Why a token is refused. */
export type TokenFault = "malformed" | "signature" | "type" | "disclosure" | "expired" | "not-yet-valid" | "binding";

export class TokenError extends Error {
  readonly code = "ERR_TOKEN";
  readonly fault: TokenFault;

  constructor(fault: TokenFault, message: string) {
    super(message);
    this.name = "TokenError";
    this.fault = fault;
  }
}

export interface TokenHeader {
  readonly alg: string;
  readonly typ?: string;
  readonly kid?: string;
  readonly x5c?: readonly string[];
}

/** Checks a signature under the key that the verifier has chosen for this header. */
export type SignatureCheck = (
  message: Uint8Array,
  signature: Uint8Array,
  header: TokenHeader,
) => boolean | Promise<boolean>;

export interface VerifyOptions {
  readonly verify: SignatureCheck;
  /** Seconds since 1970. */
  readonly nowSeconds: number;
  /** Clocks may differ by this much; default 60. */
  readonly leewaySeconds?: number;
  /** Accepted values of the header's `typ`; default: those of verifiable credentials. */
  readonly types?: readonly string[];
  /** Demands that the holder proves the key in `cnf`, freshly and for this verifier (RFC 9901 §4.3). */
  readonly binding?: KeyBindingDemand;
}

export interface KeyBindingDemand {
  readonly audience: string;
  readonly nonce: string;
  /** Checks a signature under the key that the issuer confirmed. */
  verify(jwk: unknown, message: Uint8Array, signature: Uint8Array, algorithm: string): boolean | Promise<boolean>;
  /** How old the proof may be; default 300. */
  readonly maxAgeSeconds?: number;
}

export interface VerifiedToken {
  readonly header: TokenHeader;
  /** What was signed and shown, in one piece. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** What the holder chose to show. */
  readonly disclosed: readonly Disclosure[];
}

/** `dc+sd-jwt` is today's name; issuers that began before 2025 wrote `vc+sd-jwt`. */
export const CREDENTIAL_TYPES: readonly string[] = ["dc+sd-jwt", "vc+sd-jwt"];
/** Claims that an issuer may not leave to the holder's choice (SD-JWT VC, "JWT Claims Set"). */
const NEVER_WITHHELD = ["iss", "nbf", "exp", "cnf", "vct", "status"];

interface ParsedToken {
  readonly jwt: string;
  readonly disclosures: readonly string[];
  /** Everything that a key binding covers, its tilde included. */
  readonly bound: string;
  readonly keyBinding?: string;
}

/**
 * Verifies an SD-JWT: the signature, every disclosure, the times, and the holder's proof if one is demanded.
 * @throws TokenError
 */
export async function verifySdJwt(token: string, options: VerifyOptions): Promise<VerifiedToken> {
  const parsed = splitToken(token);
  const { header, payload, input, signature } = parseJwt(parsed.jwt);
  const types = options.types ?? CREDENTIAL_TYPES;
  if (!types.includes(header.typ ?? "")) throw new TokenError("type", `the token is of type ${header.typ}`);
  if (header.alg !== "EdDSA" && header.alg !== "ES256") throw new TokenError("signature", "no accepted algorithm");
  if (!(await options.verify(utf8(input), signature, header))) throw new TokenError("signature", "wrong signature");

  const disclosed = readDisclosures(parsed.disclosures);
  const claims = reveal(payload, disclosed);
  checkTimes(claims, options);
  if (options.binding !== undefined) await checkBinding(parsed, claims, options, options.binding);
  return { header, claims, disclosed };
}

/** Verifies an SD-JWT VC: as {@link verifySdJwt}, and that it says what kind of credential it is. */
export async function verifyCredential(token: string, options: VerifyOptions): Promise<VerifiedToken> {
  const verified = await verifySdJwt(token, options);
  if (typeof verified.claims["vct"] !== "string") throw new TokenError("malformed", "no vct");
  for (const { name } of verified.disclosed) {
    if (name !== undefined && NEVER_WITHHELD.includes(name) && Object.hasOwn(verified.claims, name)) {
      throw new TokenError("disclosure", `${name} may not be selectively disclosed`);
    }
  }
  return verified;
}

/**
 * What a holder shows: the token with some of its disclosures. A disclosure inside another one is shown with it.
 * @param keep decides for each disclosure
 */
export function presentSdJwt(token: string, keep: (disclosure: Disclosure) => boolean): string {
  const { jwt, disclosures } = splitToken(token);
  const kept = readDisclosures(disclosures).filter(keep);
  return `${[jwt, ...kept.map(({ encoded }) => encoded)].join("~")}~`;
}

/** Adds the holder's proof to a presentation (RFC 9901 §4.3). */
export async function bindPresentation(
  presentation: string,
  proof: {
    readonly signer: TokenSigner;
    readonly audience: string;
    readonly nonce: string;
    readonly nowSeconds: number;
  },
): Promise<string> {
  const { signer, audience: aud, nonce, nowSeconds: iat } = proof;
  const payload = { iat, aud, nonce, sd_hash: toBase64url(sha256(utf8(presentation))) };
  return `${presentation}${await signJwt({ alg: signer.algorithm, typ: "kb+jwt" }, payload, signer)}`;
}

function splitToken(token: string): ParsedToken {
  if (token.length > TOKEN_MAX_BYTES) throw new TokenError("malformed", "the token is too long");
  const parts = token.split("~");
  const [jwt] = parts;
  const last = parts.at(-1);
  if (jwt === undefined || last === undefined || parts.length < 2) throw new TokenError("malformed", "no SD-JWT");
  const disclosures = parts.slice(1, -1);
  if (disclosures.length > DISCLOSURES_MAX) throw new TokenError("malformed", "too many disclosures");
  const bound = token.slice(0, token.length - last.length);
  return last === "" ? { jwt, disclosures, bound } : { jwt, disclosures, bound, keyBinding: last };
}

function parseJwt(jwt: string): {
  header: TokenHeader;
  payload: Record<string, unknown>;
  input: string;
  signature: Uint8Array;
} {
  const [head, body, tail, ...more] = jwt.split(".");
  const signature = fromBase64url(tail ?? "");
  const header = parseObject(head ?? "");
  const payload = parseObject(body ?? "");
  if (more.length > 0 || signature === undefined || signature.length === 0 || !header || !payload) {
    throw new TokenError("malformed", "not a signed JWT");
  }
  if (typeof header["alg"] !== "string" || header["crit"] !== undefined) {
    throw new TokenError("malformed", "the header names no algorithm, or asks for what is not understood");
  }
  return { header: header as unknown as TokenHeader, payload, input: `${head}.${body}`, signature };
}

function parseObject(encoded: string): Record<string, unknown> | undefined {
  const bytes = fromBase64url(encoded);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function readDisclosures(encoded: readonly string[]): readonly Disclosure[] {
  return encoded.map((one) => {
    const disclosure = parseDisclosure(one);
    if (disclosure === undefined) throw new TokenError("disclosure", "a disclosure is malformed");
    return disclosure;
  });
}

/** Puts the disclosed values in the place of their digests (RFC 9901 §7.1, step 3). */
function reveal(payload: Record<string, unknown>, disclosed: readonly Disclosure[]): Record<string, unknown> {
  const algorithm = payload[ALGORITHM_NAME];
  if (algorithm !== undefined && algorithm !== DIGEST_ALGORITHM) {
    throw new TokenError("disclosure", `digests by ${String(algorithm)} are not accepted`);
  }
  const byDigest = new Map(disclosed.map((disclosure) => [disclosure.digest, disclosure]));
  if (byDigest.size !== disclosed.length) throw new TokenError("disclosure", "a disclosure is given twice");
  const seen = new Set<string>();
  const state = { byDigest, seen };
  const claims = revealObject(payload, state, 0);
  delete claims[ALGORITHM_NAME];
  for (const digest of byDigest.keys()) {
    if (!seen.has(digest)) throw new TokenError("disclosure", "a disclosure belongs to nothing that was signed");
  }
  return claims;
}

interface RevealState {
  readonly byDigest: ReadonlyMap<string, Disclosure>;
  readonly seen: Set<string>;
}

function revealValue(value: unknown, state: RevealState, depth: number): unknown {
  if (depth > 2 * TOKEN_DEPTH_MAX) throw new TokenError("malformed", "claims are nested too deep");
  if (Array.isArray(value)) return revealArray(value, state, depth);
  if (typeof value !== "object" || value === null) return value;
  return revealObject(value as Record<string, unknown>, state, depth);
}

function revealArray(values: readonly unknown[], state: RevealState, depth: number): unknown[] {
  const shown: unknown[] = [];
  for (const value of values) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, ELEMENT_NAME)) {
      shown.push(revealValue(value, state, depth + 1));
      continue;
    }
    const digest = (value as Record<string, unknown>)[ELEMENT_NAME];
    if (Object.keys(value).length !== 1) throw new TokenError("disclosure", "a placeholder holds more than a digest");
    const disclosure = take(digest, state);
    if (disclosure === undefined) continue;
    if (disclosure.name !== undefined) throw new TokenError("disclosure", "a member stands where an element should");
    shown.push(revealValue(disclosure.value, state, depth + 1));
  }
  return shown;
}

function revealObject(source: Record<string, unknown>, state: RevealState, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  const set = (name: string, value: unknown): void => {
    Object.defineProperty(shown, name, { value, enumerable: true, writable: true, configurable: true });
  };
  for (const [name, value] of Object.entries(source)) {
    if (name === ELEMENT_NAME) throw new TokenError("disclosure", "a placeholder stands outside an array");
    if (name !== DIGESTS_NAME) set(name, revealValue(value, state, depth + 1));
  }
  const digests = source[DIGESTS_NAME] ?? [];
  if (!Array.isArray(digests)) throw new TokenError("malformed", "_sd is not an array");
  for (const digest of digests as unknown[]) {
    const disclosure = take(digest, state);
    if (disclosure === undefined) continue;
    const { name } = disclosure;
    if (name === undefined) throw new TokenError("disclosure", "an element stands where a member should");
    if (isReservedName(name) || Object.hasOwn(source, name) || Object.hasOwn(shown, name)) {
      throw new TokenError("disclosure", `${name} is claimed twice`);
    }
    set(name, revealValue(disclosure.value, state, depth + 1));
  }
  return shown;
}

/** The disclosure of a digest, if it was shown. Every digest may stand once in the whole token. */
function take(digest: unknown, { byDigest, seen }: RevealState): Disclosure | undefined {
  if (typeof digest !== "string") throw new TokenError("malformed", "a digest is text");
  if (seen.has(digest)) throw new TokenError("disclosure", "a digest stands twice");
  seen.add(digest);
  return byDigest.get(digest);
}

function checkTimes(claims: Record<string, unknown>, options: VerifyOptions): void {
  const leeway = options.leewaySeconds ?? 60;
  const { exp, nbf } = claims;
  if (exp !== undefined && typeof exp !== "number") throw new TokenError("malformed", "exp is not a number");
  if (nbf !== undefined && typeof nbf !== "number") throw new TokenError("malformed", "nbf is not a number");
  if (exp !== undefined && exp + leeway <= options.nowSeconds) throw new TokenError("expired", "the token has expired");
  if (nbf !== undefined && nbf - leeway > options.nowSeconds) throw new TokenError("not-yet-valid", "not valid yet");
}

async function checkBinding(
  parsed: ParsedToken,
  claims: Record<string, unknown>,
  options: VerifyOptions,
  demand: KeyBindingDemand,
): Promise<void> {
  if (parsed.keyBinding === undefined) throw new TokenError("binding", "the holder proved no key");
  const { header, payload, input, signature } = parseJwt(parsed.keyBinding);
  const confirmation = claims["cnf"] as { readonly jwk?: unknown } | undefined;
  const jwk = typeof confirmation === "object" ? confirmation?.jwk : undefined;
  if (header.typ !== "kb+jwt" || jwk === undefined) throw new TokenError("binding", "no key is confirmed");
  if (!(await demand.verify(jwk, utf8(input), signature, header.alg))) {
    throw new TokenError("binding", "the holder's signature is wrong");
  }
  const { aud, nonce, iat, sd_hash } = payload;
  if (aud !== demand.audience || nonce !== demand.nonce) throw new TokenError("binding", "made for another verifier");
  if (sd_hash !== toBase64url(sha256(utf8(parsed.bound)))) throw new TokenError("binding", "made for another token");
  const leeway = options.leewaySeconds ?? 60;
  const age = options.nowSeconds - (typeof iat === "number" ? iat : Number.NaN);
  if (!(age <= (demand.maxAgeSeconds ?? 300) + leeway && age >= -leeway)) {
    throw new TokenError("binding", "the proof is not fresh");
  }
}
