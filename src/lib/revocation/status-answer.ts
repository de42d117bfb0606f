/** Reading and judging answers about the status of certificates (OCSP, RFC 6960 §3.2 and §4.2.2). */
import {
  childAt,
  type DerElement,
  DerError,
  equalBytes,
  expectChildren,
  expectTag,
  readBitString,
  readDer,
  readOid,
  readSmallInteger,
  readTimeMs,
  TAG,
} from "#lib/asn1/der";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { readName } from "#lib/x509/distinguished-name";
import { EXTENSION } from "#lib/x509/extensions";
import { type IssuerFacts, type SignatureCheck, validatePath } from "#lib/x509/path-validation";
import { type CertificateId, DIGESTS, type Digests, isOfIssuer, readCertificateId } from "./certificate-id.ts";
import { type Revocation, reasonOf } from "./reason.ts";
import { readNonce } from "./status-request.ts";
import { BASIC_ANSWER } from "./write-status-answer.ts";

export const STATUS_ANSWER_MAX_BYTES = 65_536;
export const STATUS_SIGNING_USE = "1.3.6.1.5.5.7.3.9";
const CERTIFICATES_MAX = 8;
const ENUMERATED = 0x0a;

export interface SingleAnswer {
  readonly id: CertificateId;
  readonly status: "good" | "unknown" | Revocation;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

export interface StatusAnswer {
  readonly signedPart: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  readonly producedAtMs: number;
  readonly answers: readonly SingleAnswer[];
  readonly nonce: Uint8Array | undefined;
  readonly certificates: readonly X509Certificate[];
  /** How the responder calls itself, where it says its name. */
  readonly responder: string | undefined;
}

/** @returns undefined where the responder says that it has no answer @throws {DerError} */
export function readStatusAnswer(der: Uint8Array): StatusAnswer | undefined {
  if (der.length > STATUS_ANSWER_MAX_BYTES) throw new DerError("an answer is too big");
  const [status, wrapper, ...more] = expectTag(readDer(der), TAG.sequence).children;
  if (status === undefined || more.length > 0) throw new DerError("not an answer");
  if (readEnumerated(status) !== 0) return undefined;
  if (wrapper === undefined) throw new DerError("an answer without its content");
  const typed = expectChildren(childAt(expectChildren(expectTag(wrapper, 0xa0), 1), 0, TAG.sequence), 2);
  if (readOid(childAt(typed, 0)) !== BASIC_ANSWER) throw new DerError("another kind of answer");
  const basic = expectTag(readDer(childAt(typed, 1, TAG.octetString).content), TAG.sequence);
  const [part, algorithm, signature, certificates, ...rest] = basic.children;
  if (!part || !algorithm || !signature || rest.length > 0) throw new DerError("a part is missing");
  return {
    signedPart: part.raw,
    signatureAlgorithm: expectTag(algorithm, TAG.sequence).raw,
    signature: readBitString(signature),
    certificates: certificates === undefined ? [] : readCertificates(expectTag(certificates, 0xa0)),
    ...readPart(expectTag(part, TAG.sequence)),
  };
}

function readCertificates(wrapper: DerElement): readonly X509Certificate[] {
  const { children } = childAt(wrapper, 0, TAG.sequence);
  if (children.length > CERTIFICATES_MAX) throw new DerError("too many certificates");
  return children.map(({ raw }) => readX509(raw));
}

function readPart(part: DerElement): Pick<StatusAnswer, "producedAtMs" | "answers" | "nonce" | "responder"> {
  const parts = [...part.children];
  if (parts[0]?.tag === 0xa0) throw new DerError("another version");
  const [responder, producedAt, answers, extensions, ...more] = parts;
  if (!responder || !producedAt || !answers || more.length > 0) throw new DerError("a part is missing");
  if (responder.tag !== 0xa1 && responder.tag !== 0xa2) throw new DerError("not a responder");
  return {
    responder: responder.tag === 0xa1 ? readName(childAt(responder, 0)).key : undefined,
    producedAtMs: readTimeMs(expectTag(producedAt, TAG.generalizedTime)),
    answers: expectTag(answers, TAG.sequence).children.map(readSingle),
    nonce: extensions && readNonce(childAt(expectTag(extensions, 0xa1), 0)),
  };
}

function readSingle(element: DerElement): SingleAnswer {
  const [id, status, thisUpdate, nextUpdate, ...more] = expectTag(element, TAG.sequence).children;
  // Without an end an answer would hold for ever; extensions of single answers are not understood.
  if (!id || !status || !thisUpdate || nextUpdate?.tag !== 0xa0 || more.length > 0) throw new DerError("not a status");
  return {
    id: readCertificateId(id),
    status: readStatus(status),
    thisUpdateMs: readTimeMs(expectTag(thisUpdate, TAG.generalizedTime)),
    nextUpdateMs: readTimeMs(childAt(nextUpdate, 0, TAG.generalizedTime)),
  };
}

function readStatus(element: DerElement): SingleAnswer["status"] {
  if (element.tag === 0x80 && element.content.length === 0) return "good";
  if (element.tag === 0x82 && element.content.length === 0) return "unknown";
  const [time, code, ...more] = expectTag(element, 0xa1).children;
  if (time === undefined || more.length > 0) throw new DerError("not a status");
  const reason = code === undefined ? "unspecified" : reasonOf(readEnumerated(childAt(expectTag(code, 0xa0), 0)));
  if (reason === undefined) throw new DerError("a reason that is none");
  return { atMs: readTimeMs(expectTag(time, TAG.generalizedTime)), reason };
}

function readEnumerated(element: DerElement): number {
  return readSmallInteger({ ...expectTag(element, ENUMERATED), tag: TAG.integer });
}

export type AnswerProblem = "not-asked" | "responder" | "signature" | "nonce" | "not-yet-valid" | "expired";

export interface AnswerCheck {
  readonly serial: string;
  readonly issuer: IssuerFacts;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** How far the responder's clock may be ahead. */
  readonly skewMs?: number;
  readonly verify: (check: SignatureCheck) => boolean;
  /** What was asked with: the answer must repeat it. */
  readonly nonce?: Uint8Array;
  readonly digests?: Digests;
}

/** What an answer says of a certificate, when it may be believed at that time. */
export function judgeAnswer(
  answer: StatusAnswer,
  check: AnswerCheck,
): { readonly answer: SingleAnswer } | { readonly problem: AnswerProblem } {
  const { issuer, serial, atMs, skewMs = 0, digests = DIGESTS } = check;
  const identified = { name: issuer.name.raw, publicKeyInfo: issuer.publicKeyInfo };
  const found = answer.answers.find(({ id }) => id.serial === serial && isOfIssuer(id, identified, digests));
  if (found === undefined) return { problem: "not-asked" };
  if (check.nonce !== undefined && (answer.nonce === undefined || !equalBytes(check.nonce, answer.nonce)))
    return { problem: "nonce" };
  if (atMs + skewMs < found.thisUpdateMs) return { problem: "not-yet-valid" };
  if (atMs >= found.nextUpdateMs) return { problem: "expired" };
  const publicKeyInfo = responderKey(answer, check);
  if (publicKeyInfo === undefined) return { problem: "responder" };
  const { signatureAlgorithm: algorithm, signedPart: signed, signature } = answer;
  return check.verify({ publicKeyInfo, algorithm, signed, signature }) ? { answer: found } : { problem: "signature" };
}

/** The issuer's own key, or that of someone whom the issuer itself entrusted with answering (RFC 6960 §4.2.2.2). */
function responderKey(answer: StatusAnswer, { issuer, atMs, verify }: AnswerCheck): Uint8Array | undefined {
  if (answer.responder === issuer.name.key) return issuer.publicKeyInfo;
  const delegate = answer.certificates.find(
    (certificate) =>
      (answer.responder === undefined || certificate.subject.key === answer.responder) &&
      // Nobody could answer for the one who answers: without this mark it is not believed.
      certificate.extensions.has(EXTENSION.ocspNoCheck) &&
      validatePath([certificate], { anchor: issuer, atMs, verify, extendedKeyUse: STATUS_SIGNING_USE }).valid,
  );
  // Named by a digest of the key alone, it may be the issuer as well.
  return delegate?.publicKeyInfo ?? (answer.responder === undefined ? issuer.publicKeyInfo : undefined);
}
