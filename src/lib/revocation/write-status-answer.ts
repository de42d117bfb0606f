/** Answers about the status of certificates (OCSP, RFC 6960 §4.2), as a responder writes them. */
import { TAG, writeDer, writeOid } from "#lib/asn1/der";
import { type CertificateAlgorithm, writeAlgorithm } from "#lib/certificate/algorithms";
import type { CertificateId } from "./certificate-id.ts";
import { writeGeneralizedTime } from "./generalized-time.ts";
import { REVOCATION_REASONS, type Revocation } from "./reason.ts";
import { writeNonce } from "./status-request.ts";

export const BASIC_ANSWER = "1.3.6.1.5.5.7.48.1.1";
const ENUMERATED = 0x0a;
const BY_NAME = 0xa1;

/** Why there is no answer (RFC 6960 §4.2.1). */
export const STATUS_FAILURES = Object.freeze({ malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 });
export type StatusFailure = keyof typeof STATUS_FAILURES;

/** An answer without a signature: nobody may believe it. */
export function writeStatusFailure(failure: StatusFailure): Uint8Array {
  return writeDer(TAG.sequence, writeDer(ENUMERATED, Uint8Array.of(STATUS_FAILURES[failure])));
}

/** What is told about one certificate. */
export interface SingleStatus {
  readonly id: Pick<CertificateId, "raw">;
  readonly status: "good" | "unknown" | Revocation;
}

export interface StatusContent {
  /** DER: the subject of the responder's certificate. */
  readonly responder: Uint8Array;
  readonly producedAtMs: number;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly certificates: readonly SingleStatus[];
  readonly nonce: Uint8Array | undefined;
}

/** The part of an answer that the responder signs. */
export function writeStatusPart(content: StatusContent): Uint8Array {
  const { thisUpdateMs, nextUpdateMs } = content;
  const times = [writeGeneralizedTime(thisUpdateMs), writeDer(0xa0, writeGeneralizedTime(nextUpdateMs))];
  const answers = content.certificates.map(({ id, status }) =>
    writeDer(TAG.sequence, id.raw, writeStatus(status), ...times),
  );
  return writeDer(
    TAG.sequence,
    writeDer(BY_NAME, content.responder),
    writeGeneralizedTime(content.producedAtMs),
    writeDer(TAG.sequence, ...answers),
    ...(content.nonce === undefined ? [] : [writeDer(0xa1, writeNonce(content.nonce))]),
  );
}

function writeStatus(status: SingleStatus["status"]): Uint8Array {
  if (status === "good") return writeDer(0x80);
  if (status === "unknown") return writeDer(0x82);
  const { atMs, reason } = status;
  const code = writeDer(0xa0, writeDer(ENUMERATED, Uint8Array.of(REVOCATION_REASONS[reason])));
  return writeDer(0xa1, writeGeneralizedTime(atMs), ...(reason === "unspecified" ? [] : [code]));
}

/** A whole answer. @param certificates DER: the responder's own, where it is not the issuer itself */
export function writeStatusAnswer(answer: {
  readonly part: Uint8Array;
  readonly algorithm: CertificateAlgorithm;
  readonly signature: Uint8Array;
  readonly certificates: readonly Uint8Array[];
}): Uint8Array {
  const { part, algorithm, signature, certificates } = answer;
  const basic = writeDer(
    TAG.sequence,
    part,
    writeAlgorithm(algorithm),
    writeDer(TAG.bitString, Uint8Array.of(0), signature),
    ...(certificates.length === 0 ? [] : [writeDer(0xa0, writeDer(TAG.sequence, ...certificates))]),
  );
  const bytes = writeDer(TAG.sequence, writeOid(BASIC_ANSWER), writeDer(TAG.octetString, basic));
  return writeDer(TAG.sequence, writeDer(ENUMERATED, Uint8Array.of(0)), writeDer(0xa0, bytes));
}
