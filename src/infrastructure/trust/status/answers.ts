/** Answers questions for the status of the issuer's certificates (OCSP, RFC 6960), signed by a key that the issuer entrusted with it. */
import { isRefusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import type { Front } from "#kernel/system/context";
import { DerError } from "#lib/asn1/der";
import { sha1 } from "#lib/crypto/digest";
import {
  type CertificateId,
  DIGEST_OID,
  DIGESTS,
  type Digests,
  identifierKey,
  issuerKeyOf,
} from "#lib/revocation/certificate-id";
import { readStatusRequest, type StatusRequest } from "#lib/revocation/status-request";
import {
  type SingleStatus,
  writeStatusAnswer,
  writeStatusFailure,
  writeStatusPart,
} from "#lib/revocation/write-status-answer";
import { readX509 } from "#lib/x509/certificate";
import type { Authority, Hierarchy } from "../certificates/hierarchy.ts";
import type { trust } from "../contract.ts";
import type { OpenTrust } from "../ports.ts";
import { REASON_CODES } from "./reasons.ts";

/** An answer may be relied on for so long where the node cannot be reached (24 h at most). */
export const STATUS_LIFE_MS = 24 * 3_600_000;
/** The same question within this time gets the same answer: so much later a revocation is told. */
export const ANSWER_KEPT_MS = 1_000;
const ANSWERS_KEPT_MAX = 1_024;

// Most clients name issuers by SHA-1: an identifier here, no protection.
const ALL_DIGESTS: Digests = {
  ...DIGESTS,
  [DIGEST_OID.sha1]: sha1,
};

export interface StatusLinks {
  readonly trust: Pick<OpenTrust, "hierarchy" | "statusKey" | "stampKey" | "tellStamped">;
  /** This room's operations, asked as the node. */
  readonly front: Pick<Front<typeof trust>, "findCertificate" | "revokedCertificates">;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Where others reach this node: the whole list tells there where its delta is. */
  readonly publicUrl?: string;
}

interface Asked {
  readonly request: StatusRequest;
  /** Whose key answers. */
  readonly authority: Authority;
  readonly nowMs: number;
}

export class StatusAnswers {
  readonly #links: StatusLinks;
  readonly #issuers: ReadonlyMap<string, Authority>;
  readonly #kept = new Map<string, { readonly answer: Promise<Uint8Array>; readonly atMs: number }>();

  constructor(links: StatusLinks) {
    this.#links = links;
    this.#issuers = issuersByIdentifier(links.trust.hierarchy);
  }

  /** The DER of an answer, whatever was asked. @throws {Fault} ERR_TRUST_SILENT when the register does not answer */
  async answer(question: Uint8Array): Promise<Uint8Array> {
    let request: StatusRequest;
    try {
      request = readStatusRequest(question);
    } catch (error) {
      if (error instanceof DerError) return writeStatusFailure("malformedRequest");
      throw error;
    }
    // One key answers, which one authority certified: about certificates of another nothing is known in this answer.
    const authority = request.certificates.map((id) => this.#issuers.get(issuerKeyOf(id))).find((one) => one);
    if (authority === undefined) return writeStatusFailure("unauthorized");
    const nowMs = Temporal.Instant.from(this.#links.now()).epochMilliseconds;
    // Who wants a fresh answer sends a nonce, and gets one of its own.
    if (request.nonce !== undefined) return this.#sign({ request, authority, nowMs });
    return this.#keptAnswer({ request, authority, nowMs }, question);
  }

  #keptAnswer(asked: Asked, question: Uint8Array): Promise<Uint8Array> {
    const { nowMs } = asked;
    const name = question.toBase64();
    const kept = this.#kept.get(name);
    if (kept !== undefined && nowMs - kept.atMs < ANSWER_KEPT_MS && nowMs >= kept.atMs) return kept.answer;
    const answer = this.#sign(asked);
    this.#kept.delete(name);
    this.#kept.set(name, { answer, atMs: nowMs });
    answer.catch(() => this.#kept.delete(name));
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > ANSWERS_KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return answer;
  }

  async #sign({ request, authority, nowMs }: Asked): Promise<Uint8Array> {
    const key = await this.#links.trust.statusKey(authority, this.#links.now());
    const certificates: SingleStatus[] = [];
    for (const id of request.certificates) certificates.push({ id, status: await this.#statusOf(id, authority) });
    const part = writeStatusPart({
      responder: readX509(key.certificate).subject.raw,
      producedAtMs: nowMs,
      thisUpdateMs: nowMs,
      nextUpdateMs: nowMs + STATUS_LIFE_MS,
      certificates,
      nonce: request.nonce,
    });
    return writeStatusAnswer({
      part,
      algorithm: key.algorithm,
      signature: await key.sign(part),
      certificates: [key.certificate],
    });
  }

  /** A certificate that is not in the register is not on the ledger either: nobody may rely on it. */
  async #statusOf(id: CertificateId, authority: Authority): Promise<SingleStatus["status"]> {
    if (this.#issuers.get(issuerKeyOf(id)) !== authority) return "unknown";
    const found = await this.#links.front.findCertificate({ serial: id.serial });
    if (isRefusal(found)) {
      if (found.code === "not-found") return "unknown";
      throw new Fault("ERR_TRUST_SILENT", { message: found.code });
    }
    if (!isIssuedBy(authority, found.issuerKeyId)) return "unknown";
    if (found.status === "valid") return "good";
    const atMs = Temporal.Instant.from(found.revokedAt ?? this.#links.now()).epochMilliseconds;
    return { atMs, reason: found.reason === undefined ? "unspecified" : REASON_CODES[found.reason] };
  }
}

function issuersByIdentifier({ authorities }: Hierarchy): ReadonlyMap<string, Authority> {
  const found = new Map<string, Authority>();
  for (const authority of authorities) {
    // A root's certificates are told of in its list alone.
    if (authority.keyLabel === undefined || authority.name.startsWith("root")) continue;
    const { subject, publicKeyInfo } = authority.certificate;
    for (const [digest, digestOf] of Object.entries(ALL_DIGESTS)) {
      found.set(identifierKey({ name: subject.raw, publicKeyInfo }, digest, digestOf), authority);
    }
  }
  return found;
}

/** Whether the register names an authority as a certificate's issuer; of those from when a node had one it says none. */
export function isIssuedBy({ name, certificate }: Authority, issuerKeyId: string | undefined): boolean {
  return issuerKeyId === undefined ? name === "issuer" : issuerKeyId === certificate.subjectKeyId;
}
