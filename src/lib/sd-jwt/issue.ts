import { toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import type { SignatureAlgorithm } from "#lib/crypto/keys";
import {
  ALGORITHM_NAME,
  DIGEST_ALGORITHM,
  DIGESTS_NAME,
  ELEMENT_NAME,
  isReservedName,
  makeDisclosure,
} from "./disclosure.ts";

/** A value that its holder may show or withhold. Made by {@link disclosable}. */
export class Disclosable {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** Marks the value of a member or an element of an array as one that the holder may withhold. Marks may nest. */
export function disclosable(value: unknown): Disclosable {
  return new Disclosable(value);
}

/** Signs in the issuer's name. `sign` returns the JOSE form of the signature (r ‖ s for ES256). */
export interface TokenSigner {
  readonly algorithm: SignatureAlgorithm;
  readonly keyId?: string;
  /** The issuer's certificate and those above it without the root, each base64 DER (RFC 7515 §4.1.6). */
  readonly certificates?: readonly string[];
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface IssueOptions {
  /** The claims, with {@link disclosable} where the holder may withhold. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signer: TokenSigner;
  /** Gives 16 fresh random bytes at each call (RFC 9901 §9.3: 128 bits). */
  readonly salt: () => Uint8Array;
  /** Default `dc+sd-jwt`, the type of a verifiable credential. */
  readonly type?: string;
}

export const TOKEN_DEPTH_MAX = 32;

/** Issues an SD-JWT (RFC 9901) in compact form with all its disclosures: `jwt~disclosure~…~`. */
export async function issueSdJwt({ claims, signer, salt, type = "dc+sd-jwt" }: IssueOptions): Promise<string> {
  const disclosures: string[] = [];
  const payload = conceal(claims, { salt, disclosures }, 0) as Record<string, unknown>;
  if (disclosures.length > 0) payload[ALGORITHM_NAME] = DIGEST_ALGORITHM;
  const header = {
    alg: signer.algorithm,
    typ: type,
    ...(signer.keyId === undefined ? {} : { kid: signer.keyId }),
    ...(signer.certificates === undefined ? {} : { x5c: signer.certificates }),
  };
  const jwt = await signJwt(header, payload, signer);
  return `${[jwt, ...disclosures].join("~")}~`;
}

/** Signs a JWT in compact form (RFC 7515 §3.1). */
export async function signJwt(header: object, payload: object, signer: TokenSigner): Promise<string> {
  const input = `${toBase64url(utf8(JSON.stringify(header)))}.${toBase64url(utf8(JSON.stringify(payload)))}`;
  return `${input}.${toBase64url(await signer.sign(utf8(input)))}`;
}

interface Concealment {
  readonly salt: () => Uint8Array;
  /** Receives each disclosure, inner ones first. */
  readonly disclosures: string[];
}

function conceal(value: unknown, into: Concealment, depth: number): unknown {
  if (depth > TOKEN_DEPTH_MAX) throw new RangeError(`claims are nested deeper than ${TOKEN_DEPTH_MAX}`);
  if (value instanceof Disclosable) throw new TypeError("a disclosable value stands in an object or an array");
  if (Array.isArray(value)) {
    return value.map((element: unknown) =>
      element instanceof Disclosable
        ? { [ELEMENT_NAME]: withhold(element, into, depth) }
        : conceal(element, into, depth + 1),
    );
  }
  if (typeof value !== "object" || value === null) return value;
  const open: Record<string, unknown> = {};
  const digests: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (isReservedName(name) || name === ALGORITHM_NAME) throw new TypeError(`a claim cannot be named ${name}`);
    if (member === undefined) continue;
    if (member instanceof Disclosable) digests.push(withhold(member, into, depth, name));
    else Object.defineProperty(open, name, { value: conceal(member, into, depth + 1), enumerable: true });
  }
  // Sorted, so that the order of digests does not tell the order of claims (RFC 9901 §4.2.4.1).
  if (digests.length > 0) return { ...open, [DIGESTS_NAME]: digests.sort() };
  return { ...open };
}

function withhold(marked: Disclosable, into: Concealment, depth: number, name?: string): string {
  const inner = conceal(marked.value, into, depth + 1);
  const disclosure = makeDisclosure(into.salt(), inner, name);
  into.disclosures.push(disclosure.encoded);
  return disclosure.digest;
}
