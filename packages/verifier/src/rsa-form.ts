/**
 * RSA (RFC 8017) as X.509 and CMS write it (RFC 4055), of authorities that are not ours: keys of 2048 to 8192 bits, PKCS #1 v1.5 and PSS with
 * SHA-256, SHA-384 or SHA-512. Whatever has another form, SHA-1 among it, is no key or no scheme.
 */
import { concat, fromHex } from "./bytes.ts";
import { bits, broken, child, type Element, expect, integer, oid, readDer, TAG } from "./der.ts";
import { Refusal } from "./report.ts";

export type RsaDigest = "SHA-256" | "SHA-384" | "SHA-512";

export interface RsaScheme {
  readonly padding: "pkcs1" | "pss";
  /** Of PSS for its mask as well. */
  readonly digest: RsaDigest;
  /** Of PSS, exactly; else 0. */
  readonly saltBytes: number;
}

export interface RsaKey {
  readonly algorithm: "RSA";
  /** SubjectPublicKeyInfo under the name of RSA in general, the only one that browsers read. */
  readonly spki: Uint8Array;
  readonly bytes: number;
  /** "any", or what the key says of itself: PSS alone, or one scheme of it with a salt no shorter than this. */
  readonly use: "any" | "pss" | RsaScheme;
}

const RSA = "1.2.840.113549.1.1.1";
const PSS = "1.2.840.113549.1.1.10";
const MASK = "1.2.840.113549.1.1.8";
const PKCS1: Readonly<Record<string, RsaDigest>> = {
  "1.2.840.113549.1.1.11": "SHA-256",
  "1.2.840.113549.1.1.12": "SHA-384",
  "1.2.840.113549.1.1.13": "SHA-512",
};
/** By object identifier. */
const DIGESTS: Readonly<Record<string, RsaDigest>> = {
  "2.16.840.1.101.3.4.2.1": "SHA-256",
  "2.16.840.1.101.3.4.2.2": "SHA-384",
  "2.16.840.1.101.3.4.2.3": "SHA-512",
};
const RSA_DER = fromHex("300d06092a864886f70d0101010500");
const MIN_BITS = 2048;
const MAX_BITS = 8192;
const EXPONENT_MIN = 65_537;
const EXPONENT_MAX = 2 ** 32;
const SALT_DEFAULT_BYTES = 20;
const SALT_MAX_BYTES = 64;

/** Reads a SubjectPublicKeyInfo; undefined for another key, one that is too small or too big, or another spelling. */
export function rsaFromSpki(der: Uint8Array): RsaKey | undefined {
  return orUndefined(() => {
    const info = ofLength(expect(readDer(der), TAG.sequence), 2);
    const use = useOf(child(info, 0, TAG.sequence));
    const keyDer = bits(child(info, 1));
    const key = ofLength(expect(readDer(keyDer), TAG.sequence), 2);
    const modulus = unsigned(child(key, 0));
    const exponent = integer(child(key, 1));
    const size = 8 * modulus.length - Math.clz32(modulus[0] ?? 0) + 24;
    const fits = size >= MIN_BITS && size <= MAX_BITS && (modulus.at(-1) ?? 0) % 2 === 1;
    if (!fits || exponent < EXPONENT_MIN || exponent > EXPONENT_MAX || exponent % 2 === 0) throw broken("an RSA key");
    return {
      algorithm: "RSA",
      spki: wrap(0x30, RSA_DER, wrap(0x03, Uint8Array.of(0), keyDer)),
      bytes: modulus.length,
      use,
    };
  });
}

function useOf(algorithm: Element): RsaKey["use"] {
  const id = oid(child(algorithm, 0));
  if (id === PSS) return algorithm.children.length === 1 ? "pss" : readPss(algorithm);
  if (id !== RSA || algorithm.children.length !== 2) throw broken("another key");
  requireNull(algorithm);
  return "any";
}

/**
 * Reads an AlgorithmIdentifier of an RSA signature; undefined for any other, such as with SHA-1 or PSS with two digests.
 * @param digest of CMS, which must be the scheme's (RFC 8933 §3), and for which the name of RSA alone may stand (RFC 3370 §3.2)
 */
export function readRsaScheme(element: Element, digest?: RsaDigest): RsaScheme | undefined {
  return orUndefined(() => {
    const id = oid(child(expect(element, TAG.sequence), 0));
    const scheme = id === PSS ? readPss(element) : readPkcs1(element, id, digest);
    if (digest !== undefined && scheme.digest !== digest) throw broken("two digests");
    return scheme;
  });
}

/** Whether a key may be used with a scheme. */
export function mayUse({ use }: RsaKey, { padding, digest, saltBytes }: RsaScheme): boolean {
  if (use === "any") return true;
  return padding === "pss" && (use === "pss" || (use.digest === digest && saltBytes >= use.saltBytes));
}

function readPkcs1(element: Element, id: string, digest: RsaDigest | undefined): RsaScheme {
  requireNull(element);
  const named = id === RSA ? digest : PKCS1[id];
  if (named === undefined) throw broken("another signature algorithm");
  return { padding: "pkcs1", digest: named, saltBytes: 0 };
}

function readPss(element: Element): RsaScheme {
  const parts = new Map<number, Element>();
  for (const part of child(ofLength(element, 2), 1, TAG.sequence).children) {
    if (parts.has(part.tag)) throw broken("a parameter stands twice");
    parts.set(part.tag, child(ofLength(part, 1), 0));
  }
  const [hash, mask, salt, trailer] = [0xa0, 0xa1, 0xa2, 0xa3].map((tag) => parts.get(tag));
  // What is left out means SHA-1 (RFC 4055 §3.1), which is not accepted.
  if (!hash || !mask || parts.size > [hash, mask, salt, trailer].filter(Boolean).length) throw broken("PSS with SHA-1");
  const digest = readDigest(hash);
  if (oid(child(mask, 0)) !== MASK || readDigest(child(ofLength(mask, 2), 1)) !== digest)
    throw broken("PSS with two digests");
  const saltBytes = salt === undefined ? SALT_DEFAULT_BYTES : integer(salt);
  if (saltBytes > SALT_MAX_BYTES || (trailer !== undefined && integer(trailer) !== 1))
    throw broken("PSS of another kind");
  return { padding: "pss", digest, saltBytes };
}

function readDigest(element: Element): RsaDigest {
  requireNull(element);
  const digest = DIGESTS[oid(child(expect(element, TAG.sequence), 0))];
  if (digest === undefined) throw broken("another digest");
  return digest;
}

/** RFC 4055 §5: NULL is written, its absence understood. */
function requireNull({ children }: Element): void {
  const [, parameters, ...more] = children;
  if (more.length > 0 || (parameters && (parameters.tag !== TAG.null || parameters.content.length > 0)))
    throw broken("parameters that an algorithm lacks");
}

/** The digits of a positive integer in its shortest spelling. */
function unsigned(element: Element): Uint8Array {
  const { content } = expect(element, TAG.integer);
  const [first = 0x80, second = 0] = content;
  if (first >= 0x80 || (first === 0 && second < 0x80)) throw broken("a modulus in another spelling");
  return first === 0 ? content.subarray(1) : content;
}

function ofLength(element: Element, count: number): Element {
  if (element.children.length !== count) throw broken("parts too many or too few");
  return element;
}

/** DER around parts of 256 to 65,535 bytes. */
function wrap(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  return concat(Uint8Array.of(tag, 0x82, content.length >> 8, content.length & 0xff), content);
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
