/** What keeps a seal verifiable when its certificates have ended: time stamps, and signed evidence that they were in force. */
import type { Evidence } from "#kernel/documents/pdf-archive";
import type { LongTerm } from "#kernel/documents/pdf-seal";
import { sha256 } from "#lib/crypto/digest";
import { sm3 } from "#lib/crypto/sm3";
import { DIGEST_OID, writeCertificateId } from "#lib/revocation/certificate-id";
import { writeStatusRequest } from "#lib/revocation/status-request";
import { readX509 } from "#lib/x509/certificate";
import type { CertificateSuite } from "../certificates/purposes.ts";
import { type OutsideStamps, outsideStamp } from "../relying/outside-stamps.ts";
import type { OutsideSeal } from "../seal-service/outside-seals.ts";
import { StatusAnswers, type StatusLinks } from "../status/answers.ts";
import { RevocationLists } from "../status/lists.ts";
import { stamp } from "../status/stamps.ts";
import type { CertifiedKey } from "./certified-keys.ts";

/** Signed, an answer serves for so long: whether a key may be used is asked of the register, every few seconds. */
export const EVIDENCE_KEPT_MS = 60_000;
const ANSWERS_KEPT_MAX = 256;
/** A token of ours with its own certificate has a good 1,300 bytes; names on it may be long. */
const STAMP_ROOM_BYTES = 2_560;
/** Others' tokens carry their certificates. */
const OUTSIDE_STAMP_ROOM_BYTES = 12_288;

/** What is needed to keep seals verifiable. */
export interface EvidenceLinks extends StatusLinks {
  /** Who stamps in this node's place. */
  readonly outside?: OutsideStamps | undefined;
  /** The proof that a certificate's issuance is in the ledger. */
  readonly issuance?: ((certificate: Uint8Array) => Promise<Uint8Array | undefined>) | undefined;
}

/** What is known of whoever seals. */
interface SealFacts {
  /** DER. */
  readonly issuers: readonly Uint8Array[];
  readonly answer: () => Promise<Uint8Array | undefined>;
  /** That its certificate is on this node's record; absent where another body issued it. */
  readonly issuance?: () => Promise<Uint8Array | undefined>;
}

export class LongTermEvidence {
  readonly #links: EvidenceLinks;
  readonly #answers: StatusAnswers;
  readonly #lists: RevocationLists;
  readonly #kept = new Map<string, { readonly answer: Uint8Array; readonly atMs: number }>();

  constructor(links: EvidenceLinks) {
    this.#links = links;
    this.#answers = new StatusAnswers(links);
    this.#lists = new RevocationLists(links);
  }

  /** Whether another authority stamps, whose tokens are as big as it makes them. */
  get stampsOutside(): boolean {
    return this.#links.outside !== undefined;
  }

  /** For one document, sealed with a key of this node. */
  forSeal(key: CertifiedKey): LongTerm {
    const issuance = async () => this.#links.issuance?.(key.certificate);
    return this.#longTerm({ issuers: key.issuers, answer: () => this.#answer(key), issuance });
  }

  /** The same, with a key that another body keeps, and of which its issuer answers. */
  forOutsideSeal(seal: OutsideSeal): LongTerm {
    return this.#longTerm({ issuers: seal.issuers, answer: () => seal.answer() });
  }

  #longTerm(seal: SealFacts): LongTerm {
    return {
      stamp: async (digest, carrying) => {
        const imprint = { algorithm: DIGEST_OID.sha256, digest };
        const { outside, now } = this.#links;
        if (outside !== undefined)
          return outsideStamp(imprint, Temporal.Instant.from(now()).epochMilliseconds, outside);
        return (await stamp({ imprint, nonce: undefined }, this.#links, carrying)).token;
      },
      stampRoomBytes: this.#links.outside === undefined ? STAMP_ROOM_BYTES : OUTSIDE_STAMP_ROOM_BYTES,
      evidence: () => this.#evidence(seal),
    };
  }

  /** Stamps what a detached seal signed: with SM2 and SM3 where its first signature is of that suite and the stamps are ours. */
  async stampSigned(signed: Uint8Array, suite: CertificateSuite): Promise<Uint8Array> {
    const { outside, now } = this.#links;
    const isNational = suite === "national" && outside === undefined;
    const imprint = isNational
      ? { algorithm: DIGEST_OID.sm3, digest: sm3(signed) }
      : { algorithm: DIGEST_OID.sha256, digest: sha256(signed) };
    if (outside !== undefined) return outsideStamp(imprint, Temporal.Instant.from(now()).epochMilliseconds, outside);
    return (await stamp({ imprint, nonce: undefined }, this.#links, "path")).token;
  }

  async #evidence({ issuers, answer, issuance }: SealFacts): Promise<Evidence> {
    const { hierarchy, stampKey } = this.#links.trust;
    const list = await this.#lists.list("root");
    const proof = await issuance?.();
    const lists = list === undefined ? [] : [list];
    const own = await answer();
    const answers = own === undefined ? [] : [own];
    const proofs = proof === undefined ? [] : [proof];
    // What another authority's stamps rest on, their tokens carry.
    if (this.#links.outside !== undefined)
      return { certificates: [...issuers, hierarchy.root], answers, lists, proofs };
    const stamping = await stampKey("international", this.#links.now());
    return {
      certificates: [...issuers, ...stamping.issuers.filter((one) => !issuers.includes(one)), hierarchy.root],
      answers: [...answers, await this.#answer(stamping)],
      ...{ lists, proofs },
    };
  }

  async #answer({ serial, issuers }: CertifiedKey): Promise<Uint8Array> {
    const nowMs = Temporal.Instant.from(this.#links.now()).epochMilliseconds;
    const known = this.#kept.get(serial);
    if (known !== undefined && Math.abs(nowMs - known.atMs) < EVIDENCE_KEPT_MS) return known.answer;
    const [above = this.#links.trust.hierarchy.root] = issuers;
    const { subject, publicKeyInfo } = readX509(above);
    const id = writeCertificateId({ name: subject.raw, publicKeyInfo }, serial, DIGEST_OID.sha256);
    const answer = await this.#answers.answer(writeStatusRequest([id]));
    this.#kept.delete(serial);
    this.#kept.set(serial, { answer, atMs: nowMs });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > ANSWERS_KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return answer;
  }
}
