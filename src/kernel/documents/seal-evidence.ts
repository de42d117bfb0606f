/** Judges the time stamps of a sealed PDF and what its evidence says of the signer. Pure; bad files are a verdict. */
import { DerError } from "#lib/asn1/der";
import { verifySigned } from "#lib/certificate/algorithms";
import { judgeAnswer, readStatusAnswer } from "#lib/revocation/status-answer";
import { readToken, verifyToken } from "#lib/time-stamp/token";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { anchorOf } from "#lib/x509/path-validation";
import type { Certificate } from "./certificate.ts";
import type { Evidence } from "./pdf-archive.ts";

const SHA256 = "2.16.840.1.101.3.4.2.1";
/** PAdES is international on every node: `lib/crypto/purposes.ts`. */
const verify = (check: Parameters<typeof verifySigned>[0]): boolean => verifySigned(check, ["international"]);

export type StampFault = "bad-stamp" | "stamp-expired";

/** When a digest was stamped, by an authority that leads to a root. */
export function stampedAt(
  bytes: Uint8Array,
  question: {
    /** SHA-256. */
    readonly digest: Uint8Array;
    /** DER. */
    readonly roots: readonly Uint8Array[];
    /** DER: at hand besides those of the stamp. */
    readonly certificates: readonly Uint8Array[];
    /** When its certificate must be valid. */
    readonly atMs: number;
  },
): number | StampFault {
  try {
    const token = readToken(bytes);
    const judged = verifyToken(token, {
      imprint: { algorithm: SHA256, digest: question.digest },
      anchors: question.roots.map((root) => anchorOf(readX509(root))),
      certificates: question.certificates.map(readX509),
      atMs: question.atMs,
      verify,
    });
    if (!("problem" in judged)) return token.stamp.atMs;
    return judged.problem === "expired" ? "stamp-expired" : "bad-stamp";
  } catch (error) {
    if (error instanceof DerError) return "bad-stamp";
    throw error;
  }
}

/** What was known of a signer: in force at a moment, revoked since one, or nothing. */
export type KnownStanding =
  | { readonly kind: "good"; readonly asOfMs: number }
  | { readonly kind: "revoked"; readonly sinceMs: number }
  | { readonly kind: "unknown" };

/**
 * What the evidence says of the end certificate of a path. Of several answers the latest counts; one that had run out before the
 * signature, or is not signed by whom the issuer entrusted with it, says nothing.
 */
export function knownStanding(
  evidence: Evidence,
  { path, signedAtMs }: { readonly path: readonly Certificate[]; readonly signedAtMs: number },
): KnownStanding {
  const [end, above] = path;
  if (end === undefined || above === undefined) return { kind: "unknown" };
  const issuer = factsOf(readX509(above.der));
  let known: KnownStanding = { kind: "unknown" };
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const der of evidence.answers) {
    const found = answerOf(der, { serial: end.serial, issuer });
    if (found === undefined || found.nextUpdateMs < signedAtMs || found.thisUpdateMs <= latestMs) continue;
    if (found.status === "unknown") continue;
    latestMs = found.thisUpdateMs;
    known =
      found.status === "good"
        ? { kind: "good", asOfMs: found.thisUpdateMs }
        : { kind: "revoked", sinceMs: found.status.atMs };
  }
  return known;
}

function factsOf(certificate: X509Certificate) {
  return { name: certificate.subject, publicKeyInfo: certificate.publicKeyInfo };
}

function answerOf(der: Uint8Array, question: { readonly serial: string; readonly issuer: ReturnType<typeof factsOf> }) {
  try {
    const answer = readStatusAnswer(der);
    // Judged for the moment at which it was given: how long it served is the caller's question.
    const judged = answer && judgeAnswer(answer, { ...question, atMs: answer.producedAtMs, verify });
    return judged && "answer" in judged ? judged.answer : undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
