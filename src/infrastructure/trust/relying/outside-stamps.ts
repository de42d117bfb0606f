/** Time stamps of another authority over HTTP (RFC 3161 §3.4): what an operator with a licensed time-stamp service seals with. */
import { randomBytes } from "node:crypto";
import { Fault } from "#kernel/errors/fault";
import { DerError, readDer } from "#lib/asn1/der";
import { writeUnsignedInteger } from "#lib/asn1/integer";
import { verifySigned } from "#lib/certificate/algorithms";
import { type Imprint, writeStampRequest } from "#lib/time-stamp/request";
import { readStampAnswer, readToken, TIME_STAMPING_USE, TOKEN_MAX_BYTES, verifyToken } from "#lib/time-stamp/token";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { anchorOf } from "#lib/x509/path-validation";
import "../faults.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import type { RelyingParty } from "./relying-party.ts";

const NONCE_BYTES = 16;
/** How far that authority's clock and ours may be apart. */
const SKEW_MS = 300_000;

export interface OutsideStamps {
  readonly url: string;
  /** Roots that this node trusts, DER. */
  readonly roots: readonly Uint8Array[];
  readonly relying: RelyingParty;
}

/**
 * A token for a digest, checked: that it is for this question, of a time-stamping key below a trusted root that is not revoked.
 * @throws {Fault} ERR_TRUST_NO_STAMP
 */
export async function outsideStamp(imprint: Imprint, nowMs: number, place: OutsideStamps): Promise<Uint8Array> {
  const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  const post = { type: "application/timestamp-query", body: writeStampRequest(imprint, nonce) };
  const answer = await boundedFetch(place.url, { maxBytes: TOKEN_MAX_BYTES, post });
  if (answer === undefined) throw fault("no answer");
  const problem = await check(answer, { imprint, nonce, nowMs }, place);
  if (typeof problem === "string") throw fault(problem);
  return problem;
}

async function check(
  answer: Uint8Array,
  { imprint, nonce, nowMs }: { readonly imprint: Imprint; readonly nonce: Uint8Array; readonly nowMs: number },
  { roots: trusted, relying }: OutsideStamps,
): Promise<Uint8Array | string> {
  try {
    const der = readStampAnswer(answer);
    if (der === undefined) return "refused";
    const token = readToken(der);
    const roots = trusted.map(readX509);
    const written = readDer(writeUnsignedInteger(nonce)).raw;
    const found = verifyToken(token, { imprint, nonce: written, anchors: roots.map(anchorOf), verify: verifySigned });
    if ("problem" in found) return found.problem;
    if (Math.abs(token.stamp.atMs - nowMs) > SKEW_MS) return "another time";
    const judged = await relying.judge(found.signer, questionOf(token.certificates, roots, nowMs));
    return judged.valid ? der : judged.problem;
  } catch (error) {
    if (error instanceof DerError) return "malformed";
    throw error;
  }
}

function questionOf(others: readonly X509Certificate[], roots: readonly X509Certificate[], atMs: number) {
  return { others, roots, atMs, extendedKeyUse: TIME_STAMPING_USE };
}

function fault(message: string): Fault {
  return new Fault("ERR_TRUST_NO_STAMP", { message });
}
