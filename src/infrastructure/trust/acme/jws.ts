/** Requests as ACME has them: flattened JWS (RFC 8555 §6.2), verified by a well-kept library. */
import { calculateJwkThumbprint, errors, flattenedVerify, importJWK, type JWK } from "jose";
import { z } from "zod";
import { fromBase64url } from "#lib/crypto/base64url";
import { text } from "#lib/language/text";
import { AcmeProblem, malformed } from "./problem.ts";

export const REQUEST_MAX_BYTES = 64 * 1024;
const HEADER_LENGTH_MAX = 8 * 1024;
/** Signatures of accounts. RS256 is there since RFC 7518 asks for it and older clients know nothing else. */
export const ACCOUNT_ALGORITHMS = ["ES256", "ES384", "EdDSA", "Ed25519", "RS256"] as const;
const RSA_MODULUS_BITS_MAX = 4_096;

const Flattened = z.strictObject({
  protected: z.string().min(1).max(HEADER_LENGTH_MAX),
  payload: z.string().max(REQUEST_MAX_BYTES),
  signature: z.string().min(1).max(HEADER_LENGTH_MAX),
});
const Coordinate = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(1_024);
/** Public keys alone: what else a client may have put there is not read. */
export const PublicKey = z.discriminatedUnion("kty", [
  z.object({ kty: z.literal("EC"), crv: z.enum(["P-256", "P-384"]), x: Coordinate, y: Coordinate }),
  z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: Coordinate }),
  z.object({ kty: z.literal("RSA"), n: Coordinate, e: Coordinate }),
]);
const Header = z.object({
  alg: z.string().max(40),
  nonce: z.string().max(200).optional(),
  url: z.string().max(2_048),
  kid: z.string().max(2_048).optional(),
  jwk: PublicKey.optional(),
});

export type PublicJwk = z.infer<typeof PublicKey>;

/** What a request says of itself; nothing of it is verified yet. */
export interface AcmeRequest {
  readonly jws: z.infer<typeof Flattened>;
  readonly algorithm: string;
  readonly nonce: string | undefined;
  readonly url: string;
  /** The account's address, or a key: one of the two. */
  readonly signer: { readonly kid: string } | { readonly jwk: PublicJwk };
}

/** @throws {AcmeProblem} malformed */
export function readJws(body: unknown): AcmeRequest {
  const jws = Flattened.safeParse(body);
  if (!jws.success) throw malformed("请求不是扁平化的 JWS。", "The request is no flattened JWS.");
  const header = Header.safeParse(jsonOf(jws.data.protected));
  if (!header.success) throw malformed("JWS 的受保护头不可读。", "The protected header of the JWS cannot be read.");
  const { alg: algorithm, nonce, url, kid, jwk } = header.data;
  if ((kid === undefined) === (jwk === undefined))
    throw malformed("受保护头应有 kid 或 jwk，二者取一。", "The protected header has either kid or jwk, not both.");
  return { jws: jws.data, algorithm, nonce, url, signer: jwk ? { jwk } : { kid: kid as string } };
}

/** Verifies a request with a public key and gives its payload. @throws {AcmeProblem} */
export async function verifyJws({ jws, algorithm }: AcmeRequest, jwk: PublicJwk): Promise<Uint8Array> {
  if (!(ACCOUNT_ALGORITHMS as readonly string[]).includes(algorithm))
    throw new AcmeProblem(
      "badSignatureAlgorithm",
      text("不支持这种签名算法。", "This algorithm of signatures is not supported."),
      { algorithms: ACCOUNT_ALGORITHMS },
    );
  if (jwk.kty === "RSA" && (fromBase64url(jwk.n)?.length ?? 0) * 8 > RSA_MODULUS_BITS_MAX)
    throw new AcmeProblem("badPublicKey", text("RSA 密钥过长。", "The RSA key is too long."));
  return verifyWith(jws, await keyOf(jwk, algorithm), algorithm);
}

async function keyOf(jwk: PublicJwk, algorithm: string) {
  try {
    return await importJWK(jwk as JWK, algorithm);
  } catch {
    throw new AcmeProblem("badPublicKey", text("公钥不可用。", "The public key cannot be used."));
  }
}

async function verifyWith(
  jws: AcmeRequest["jws"],
  key: Parameters<typeof flattenedVerify>[1],
  algorithm: string,
): Promise<Uint8Array> {
  try {
    return (await flattenedVerify(jws, key as CryptoKey, { algorithms: [algorithm] })).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throw malformed("JWS 的签名不成立。", "The signature of the JWS does not verify.");
    throw error;
  }
}

/** RFC 7638, SHA-256, base64url: by it an account is known. */
export function thumbprintOf(jwk: PublicJwk): Promise<string> {
  return calculateJwkThumbprint(jwk as JWK, "sha256");
}

/** The key that an external account binding names (RFC 8555 §7.3.4); undefined where it is none. */
export function bindingKeyId(binding: unknown): string | undefined {
  const jws = Flattened.safeParse(binding);
  const header = jws.success ? BindingHeader.safeParse(jsonOf(jws.data.protected)) : undefined;
  return header?.data?.kid;
}

const BindingHeader = z.object({ alg: z.literal("HS256"), kid: z.string().max(200), url: z.string().max(2_048) });

/**
 * Whether a binding shows that whoever has its key wants this account key, here.
 * @param binding.mac the key that was handed over, 32 bytes
 */
export async function bindingHolds(
  body: unknown,
  binding: { readonly mac: Uint8Array; readonly url: string; readonly thumbprint: string },
): Promise<boolean> {
  const jws = Flattened.safeParse(body);
  const header = jws.success ? BindingHeader.safeParse(jsonOf(jws.data.protected)) : undefined;
  if (!jws.success || !header?.success || header.data.url !== binding.url) return false;
  try {
    const { payload } = await flattenedVerify(jws.data, binding.mac, { algorithms: ["HS256"] });
    const bound = PublicKey.safeParse(JSON.parse(Buffer.from(payload).toString("utf8")));
    return bound.success && (await thumbprintOf(bound.data)) === binding.thumbprint;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof TypeError) return false;
    throw error;
  }
}

function jsonOf(encoded: string): unknown {
  const bytes = fromBase64url(encoded);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
