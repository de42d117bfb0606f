/**
 * Several signatures over one payload: the general JSON serialization of JWS (RFC 7515 §7.2.1) with protected headers alone. Each signature is
 * a JWS of its own, so that whoever knows one algorithm verifies that one; whoever reads it here asks all of them.
 */
import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import {
  type JwsAlgorithm,
  type JwsCheck,
  type JwsHeader,
  type JwsSigner,
  readJwsHeader,
  writeJwsHeader,
} from "./jws.ts";

export const GENERAL_SIGNATURES_MAX = 8;

export interface GeneralJws {
  /** base64url. */
  readonly payload: string;
  readonly signatures: readonly { readonly protected: string; readonly signature: string }[];
}

/** Signs a payload with each of the signers, in their order. */
export async function writeGeneralJws(
  payload: Uint8Array,
  type: string,
  signers: readonly JwsSigner[],
): Promise<GeneralJws> {
  const body = toBase64url(payload);
  const signatures: { protected: string; signature: string }[] = [];
  for (const signer of signers) {
    const head = writeJwsHeader(type, signer);
    signatures.push({ protected: head, signature: toBase64url(await signer.sign(utf8(`${head}.${body}`))) });
  }
  return { payload: body, signatures };
}

export interface ReadGeneralJws {
  /** In the order of the signatures; no algorithm stands twice. */
  readonly headers: readonly JwsHeader[];
  readonly payload: Uint8Array;
}

/**
 * Verifies every signature.
 * @returns undefined where one of them is not of this kind, not that key's, or of an algorithm that stands twice
 */
export async function verifyGeneralJws(
  { payload: body, signatures }: GeneralJws,
  options: { readonly type: string; readonly verify: JwsCheck },
): Promise<ReadGeneralJws | undefined> {
  const payload = fromBase64url(body);
  if (payload === undefined || signatures.length === 0 || signatures.length > GENERAL_SIGNATURES_MAX) return undefined;
  const headers: JwsHeader[] = [];
  const seen = new Set<JwsAlgorithm>();
  for (const { protected: head, signature } of signatures) {
    const header = readJwsHeader(head);
    const value = fromBase64url(signature);
    if (header === undefined || value === undefined || header.typ !== options.type || seen.has(header.alg))
      return undefined;
    if (!(await options.verify(utf8(`${head}.${body}`), value, header))) return undefined;
    seen.add(header.alg);
    headers.push(header);
  }
  return { headers, payload };
}
