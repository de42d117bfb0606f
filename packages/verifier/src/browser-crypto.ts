/** What `crypto.ts` does, for a browser: signatures by WebCrypto, SHA-256 here, since WebCrypto's waits for each block. */
import { fromHex, hex, base64url as readBase64url, same } from "./bytes.ts";
import { rawOfDer } from "./ecdsa-form.ts";
import { Refusal } from "./report.ts";
import type { RsaKey, RsaScheme } from "./rsa-form.ts";
import { sha256 } from "./sha256.ts";

export { sha256 };

export async function digestOf(name: "SHA-1" | "SHA-384" | "SHA-512", bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(name, Uint8Array.from(bytes)));
}

export interface Jwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y?: string;
}

/** A public key, by its JOSE name. */
export interface VerifyingKey {
  readonly algorithm: "EdDSA" | "ES256";
  /** Of Ed25519 its 32 bytes; of P-256 the uncompressed point. */
  readonly raw: Uint8Array;
}

const SPKI = {
  ed25519: fromHex("302a300506032b6570032100"),
  p256: fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200"),
} as const;
const ED25519_BYTES = 32;
const POINT_BYTES = 65;
const UNCOMPRESSED = 4;

/** Reads an Ed25519 or P-256 key; undefined for any other. */
export function keyFromSpki(der: Uint8Array): VerifyingKey | undefined {
  const { ed25519, p256 } = SPKI;
  if (der.length === ed25519.length + ED25519_BYTES && same(der.subarray(0, ed25519.length), ed25519))
    return { algorithm: "EdDSA", raw: der.slice(ed25519.length) };
  if (der.length === p256.length + POINT_BYTES && same(der.subarray(0, p256.length), p256))
    return pointKey(der.slice(p256.length));
  return undefined;
}

export function keyFromJwk({ kty, crv, x, y }: Jwk): VerifyingKey | undefined {
  try {
    if (kty === "OKP" && crv === "Ed25519") return keyFromEd25519(readBase64url(x));
    if (kty !== "EC" || crv !== "P-256") return undefined;
    const [left, right] = [readBase64url(x), readBase64url(y)];
    return left.length === 32 && right.length === 32
      ? pointKey(Uint8Array.of(UNCOMPRESSED, ...left, ...right))
      : undefined;
  } catch {
    return undefined;
  }
}

/** @param raw the 32 bytes of the key */
export function keyFromEd25519(raw: Uint8Array): VerifyingKey | undefined {
  return raw.length === ED25519_BYTES ? { algorithm: "EdDSA", raw: raw.slice() } : undefined;
}

const FIELD = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** A point that is not on the curve is no key (SEC 1 §3.2.2.1). */
function pointKey(raw: Uint8Array): VerifyingKey | undefined {
  const x = BigInt(`0x${hex(raw.subarray(1, 33))}`);
  const y = BigInt(`0x${hex(raw.subarray(33))}`);
  const onCurve = x < FIELD && y < FIELD && (y * y - x * x * x + 3n * x - B) % FIELD === 0n;
  return raw[0] === UNCOMPRESSED && onCurve ? { algorithm: "ES256", raw } : undefined;
}

/** @param form of an ECDSA signature: "raw" is r ‖ s, "der" is ASN.1 */
export async function verifies(
  key: VerifyingKey,
  message: Uint8Array,
  signature: Uint8Array,
  form: "raw" | "der",
): Promise<boolean> {
  const isCurve = key.algorithm === "ES256";
  const written = isCurve && form === "der" ? rawOfDer(signature) : signature;
  if (written === undefined) return false;
  const name = isCurve ? { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } : { name: "Ed25519" };
  const handle = await importKey("raw", key.raw, name);
  return await crypto.subtle.verify(name, handle, Uint8Array.from(written), Uint8Array.from(message));
}

/** By the scheme that is given, whatever the key says of itself. */
export async function rsaVerifies(
  { spki }: RsaKey,
  { padding, digest, saltBytes }: RsaScheme,
  { message, signature }: { readonly message: Uint8Array; readonly signature: Uint8Array },
): Promise<boolean> {
  const name =
    padding === "pss"
      ? { name: "RSA-PSS", hash: digest, saltLength: saltBytes }
      : { name: "RSASSA-PKCS1-v1_5", hash: digest };
  const handle = await importKey("spki", spki, name);
  return await crypto.subtle.verify(name, handle, Uint8Array.from(signature), Uint8Array.from(message));
}

async function importKey(
  form: "raw" | "spki",
  bytes: Uint8Array,
  name: { readonly name: string; readonly hash?: string },
): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey(form, Uint8Array.from(bytes), name, false, ["verify"]);
  } catch {
    // Not the file's fault: what could not be looked at is neither right nor wrong.
    throw new Refusal(
      "browser-too-old",
      `此浏览器不能验证 ${name.name} 签名，无法断定；请换用较新的浏览器，或用命令行核验工具`,
      `This browser cannot verify ${name.name} signatures, so nothing was decided: use a newer browser, or the command`,
      "open",
    );
  }
}
