/**
 * JSON Web Signatures (RFC 7515): compact, with the payload in it, and detached (RFC 7797), where the payload lies beside as it is.
 * One signer, a closed set of headers, one spelling: a header that is not understood is refused, whether it is critical or not.
 */
import { fromBase64, fromBase64url, toBase64, toBase64url } from "#lib/crypto/base64url";
import { concatBytes, fromUtf8, utf8 } from "#lib/crypto/bytes";

/** JOSE has no name for SM2 with SM3 (GB/T 32918.2); a name of one's own must not collide (RFC 7515 §4.1.1): its identifier. */
export const JWS_SM2 = "urn:oid:1.2.156.10197.1.501";
/** Ed25519 with ML-DSA-65 (`lib/crypto/hybrid.ts`), likewise. */
export const JWS_HYBRID = "urn:oid:2.25.7786914701326341539299527814196259909.4.1";
export const JWS_ALGORITHMS = ["ES256", "EdDSA", JWS_SM2, JWS_HYBRID] as const;
export type JwsAlgorithm = (typeof JWS_ALGORITHMS)[number];

export const JWS_MAX_CHARACTERS = 262_144;
const CERTIFICATES_MAX = 8;
const HEADERS = new Set(["alg", "typ", "kid", "x5c", "b64", "crit"]);

export interface JwsSigner {
  readonly algorithm: JwsAlgorithm;
  readonly keyId?: string;
  /** DER: the signer's own first, then those above it, without the root. */
  readonly certificates?: readonly Uint8Array[];
  /** The form of JOSE: r ‖ s for elliptic curves. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface JwsHeader {
  readonly alg: JwsAlgorithm;
  /** What kind of thing was signed: a signature for one purpose is none for another. */
  readonly typ: string;
  readonly kid?: string;
  /** DER. */
  readonly certificates: readonly Uint8Array[];
}

/** `header.payload.signature`. */
export async function writeJws(payload: Uint8Array, type: string, signer: JwsSigner): Promise<string> {
  const input = `${encodedHeader(type, signer, {})}.${toBase64url(payload)}`;
  return `${input}.${toBase64url(await signer.sign(utf8(input)))}`;
}

/** `header..signature` over a payload that is kept as it is (RFC 7797 §5). */
export async function writeDetachedJws(payload: Uint8Array, type: string, signer: JwsSigner): Promise<string> {
  const header = encodedHeader(type, signer, { b64: false, crit: ["b64"] });
  return `${header}..${toBase64url(await signer.sign(concatBytes(utf8(`${header}.`), payload)))}`;
}

function encodedHeader(typ: string, { algorithm, keyId, certificates }: JwsSigner, more: object): string {
  const header = {
    alg: algorithm,
    typ,
    ...(keyId !== undefined && { kid: keyId }),
    ...(certificates && { x5c: certificates.map(toBase64) }),
    ...more,
  };
  return toBase64url(utf8(JSON.stringify(header)));
}

/** Whether the key that the verifier chose for this header made the signature (r ‖ s). */
export type JwsCheck = (message: Uint8Array, signature: Uint8Array, header: JwsHeader) => boolean | Promise<boolean>;

export interface ReadJws {
  readonly header: JwsHeader;
  readonly payload: Uint8Array;
}

/**
 * Verifies a signature.
 * @param options `payload` of a detached one, which must then be detached; `type` that it must have
 * @returns undefined where it is not a signature of this kind, or not that key's
 */
export async function verifyJws(
  token: string,
  options: { readonly type: string; readonly verify: JwsCheck; readonly payload?: Uint8Array },
): Promise<ReadJws | undefined> {
  if (token.length > JWS_MAX_CHARACTERS) return undefined;
  const [head = "", body = "", tail = "", ...more] = token.split(".");
  const isDetached = options.payload !== undefined;
  if (more.length > 0 || isDetached !== (body === "")) return undefined;
  const header = readHeader(head, isDetached);
  const payload = options.payload ?? fromBase64url(body);
  const signature = fromBase64url(tail);
  if (!header || !payload || !signature || header.typ !== options.type) return undefined;
  const message = isDetached ? concatBytes(utf8(`${head}.`), payload) : utf8(`${head}.${body}`);
  return (await options.verify(message, signature, header)) ? { header, payload } : undefined;
}

/** The protected header of a signature over a payload that is base64url, as RFC 7515 has it. */
export function writeJwsHeader(type: string, signer: JwsSigner): string {
  return encodedHeader(type, signer, {});
}

/** The same, read; undefined where it says more or less than is understood. */
export function readJwsHeader(encoded: string): JwsHeader | undefined {
  return readHeader(encoded, false);
}

function readHeader(encoded: string, isDetached: boolean): JwsHeader | undefined {
  const members = parsed(encoded);
  if (members === undefined || Object.keys(members).some((name) => !HEADERS.has(name))) return undefined;
  const { alg, typ, kid, x5c = [], b64, crit } = members;
  const algorithm = JWS_ALGORITHMS.find((one) => one === alg);
  const isUnencoded = b64 === false && JSON.stringify(crit) === '["b64"]';
  if (isDetached ? !isUnencoded : b64 !== undefined || crit !== undefined) return undefined;
  if (algorithm === undefined || typeof typ !== "string" || !(kid === undefined || typeof kid === "string"))
    return undefined;
  if (!Array.isArray(x5c) || x5c.length > CERTIFICATES_MAX) return undefined;
  const certificates = x5c.map((one: unknown) => (typeof one === "string" ? fromBase64(one) : undefined));
  if (certificates.includes(undefined)) return undefined;
  return {
    alg: algorithm,
    typ,
    ...(kid !== undefined && { kid }),
    certificates: certificates as readonly Uint8Array[],
  };
}

function parsed(encoded: string): Record<string, unknown> | undefined {
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
