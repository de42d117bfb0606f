/** Signing keys with their certificates: made at the first need, replaced when they end. */
import { assert, Fault } from "#kernel/errors/fault";
import { readPublicKey } from "#lib/certificate/algorithms";
import { readX509 } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import { toPem } from "../certificates/authority-files.ts";
import { CertificateFiles } from "../certificates/certificate-files.ts";
import type { Authority, Hierarchy } from "../certificates/hierarchy.ts";
import type { Subject } from "../certificates/issue.ts";
import { type CertificateSuite, SUITE_KEYS } from "../certificates/purposes.ts";
import "../faults.ts";
import type { KeyEvent, KeyHolder } from "../key-event.ts";
import type { KeyStore } from "../keys/key-store.ts";

/** A revocation takes effect after this long at the latest. */
export const STATUS_LIFE_MS = 5_000;
/** A certificate that ends sooner is replaced. */
const LAST_DAYS_MS = 24 * 3_600_000;
/** Holders kept in memory; the least recently used is read again when it is needed. */
const MAX_HELD = 2048;

/** `ceased`: the holder may not sign any more. `replaced`: this certificate has ended, the next one has a new key. */
export type CertificateStanding = "valid" | "replaced" | "ceased" | "unknown";

/** A certificate as the register takes it. */
export interface IssuedCertificate {
  readonly pem: string;
  readonly subjectKind: "root" | "issuer" | KeyHolder["kind"];
  /** Opaque: the key of the authority, person or official in its register. */
  readonly subjectId: string;
  readonly use: "licensing" | "authority" | "record" | "none";
}

/** The register of certificates, as signing needs it. */
export interface CertificateRecords {
  /** Writes a certificate; the same again changes nothing. */
  add(certificate: IssuedCertificate): Promise<void>;
  standing(serial: string): Promise<CertificateStanding>;
}

/** Whose key is wanted, and what its certificate says. */
export interface Wanted {
  readonly holder: KeyHolder;
  readonly use: IssuedCertificate["use"];
  readonly profile: "seal" | "official" | "person" | "stamp" | StatusProfile;
  readonly subject: Subject;
  /** Of the authority that certifies it, and of the key. */
  readonly suite: CertificateSuite;
}

/** A key of `suite`, or one of the hybrid suite, which certifies nothing itself, certified by an authority of `suite`. */
export interface WantedBeside extends Wanted {
  readonly key?: "hybrid";
}

/** A key that answers for an authority's certificates is certified by that authority. */
export interface StatusProfile {
  readonly answersFor: Authority;
}

export interface CertifiedKey<Algorithm extends KeyAlgorithmName = CertifyingAlgorithm> {
  readonly serial: string;
  /** DER. */
  readonly certificate: Uint8Array;
  /** What stands between it and the root, DER, its issuer first. */
  readonly issuers: readonly Uint8Array[];
  readonly algorithm: Algorithm;
  readonly name: string;
  readonly notAfterMs: number;
  /** ECDSA with SHA-256 or SM2 with SM3, DER; or the hybrid pair. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** How keys are called here: P-256, SM2, and Ed25519 with ML-DSA-65. */
type CertifyingAlgorithm = "ES256" | "SM2";
export type KeyAlgorithmName = CertifyingAlgorithm | "hybrid";
export type AnyCertifiedKey = CertifiedKey | CertifiedKey<"hybrid">;
/** No holder has a key of Ed25519 alone. */
const NAMES = { ES256: "ES256", EdDSA: "ES256", SM2: "SM2", "Ed25519+ML-DSA-65": "hybrid" } as const;

interface Held {
  readonly key: AnyCertifiedKey;
  checkedAtMs: number;
}

export interface CertifiedKeysOptions {
  readonly store: KeyStore;
  readonly hierarchy: Hierarchy;
  readonly folder: string;
  readonly records?: CertificateRecords;
  readonly onKeyEvent?: (event: KeyEvent) => Promise<unknown>;
}

export class CertifiedKeys {
  readonly #options: CertifiedKeysOptions;
  readonly #files: CertificateFiles;
  readonly #held = new Map<string, Promise<Held>>();

  constructor(options: CertifiedKeysOptions) {
    this.#options = options;
    this.#files = new CertificateFiles(options.folder);
  }

  /**
   * The key with which someone signs now. Two that ask at once get the same one.
   * @throws {Fault} ERR_TRUST_CEASED when the holder's right to sign has ended
   */
  async key(wanted: Wanted, at: Temporal.Instant): Promise<CertifiedKey> {
    const key = await this.keyBeside(wanted, at);
    assert(key.algorithm !== "hybrid", "a key of a suite that has certificates");
    return key;
  }

  /** The same, of the hybrid suite too. */
  async keyBeside(wanted: WantedBeside, at: Temporal.Instant): Promise<AnyCertifiedKey> {
    const label = labelOf(wanted);
    const known = this.#held.get(label);
    if (known !== undefined) {
      const held = await known;
      if (await this.#stillGood(held, wanted, at)) {
        // Moved to the end: the first of the map is the one that was not used for longest.
        this.#held.delete(label);
        this.#held.set(label, known);
        return held.key;
      }
      // Whoever sees it first opens it anew; the others find that.
      if (this.#held.get(label) === known) this.#held.delete(label);
    }
    return (await (this.#held.get(label) ?? this.#hold(label, wanted, at))).key;
  }

  #hold(label: string, wanted: WantedBeside, at: Temporal.Instant): Promise<Held> {
    const opening = this.#open(label, wanted, at);
    this.#held.set(label, opening);
    opening.catch(() => {
      if (this.#held.get(label) === opening) this.#held.delete(label);
    });
    const oldest = this.#held.keys().next().value;
    if (this.#held.size > MAX_HELD && oldest !== undefined) this.#held.delete(oldest);
    return opening;
  }

  async #stillGood(held: Held, wanted: Wanted, at: Temporal.Instant): Promise<boolean> {
    if (!fits(held.key, wanted, at)) return false;
    const nowMs = at.epochMilliseconds;
    if (Math.abs(nowMs - held.checkedAtMs) <= STATUS_LIFE_MS) return true;
    if ((await this.#options.records?.standing(held.key.serial)) === "valid" || !this.#options.records) {
      held.checkedAtMs = nowMs;
      return true;
    }
    return false;
  }

  async #open(label: string, wanted: WantedBeside, at: Temporal.Instant): Promise<Held> {
    const { generation, der } = await this.#files.newest(label);
    if (der !== undefined) {
      const key = this.#certified(label, generation, der);
      const standing = (await this.#options.records?.standing(key.serial)) ?? "valid";
      if (standing === "ceased") throw new Fault("ERR_TRUST_CEASED", { message: label });
      // After a crash between the file and the register, the register is made good here.
      if (standing === "unknown") await this.#record(der, wanted);
      if (standing !== "replaced" && fits(key, wanted, at)) return { key, checkedAtMs: at.epochMilliseconds };
    }
    const key = await this.#make({ label, generation: generation + 1, wanted, at });
    return { key, checkedAtMs: at.epochMilliseconds };
  }

  async #make(place: {
    readonly label: string;
    readonly generation: number;
    readonly wanted: WantedBeside;
    readonly at: Temporal.Instant;
  }): Promise<AnyCertifiedKey> {
    const { label, generation, wanted, at } = place;
    const { store, hierarchy, onKeyEvent } = this.#options;
    const { profile, subject, holder, suite } = wanted;
    const { info } = await store.ensureKey(keyLabel(label, generation), wanted.key ?? SUITE_KEYS[suite].key);
    const about = { subject, publicKeyInfo: info, at };
    const issued =
      typeof profile === "string"
        ? await hierarchy.issue({ profile, suite, ...about })
        : await hierarchy.issueStatusKey(profile.answersFor, about);
    const { der, won } = await this.#files.keep(label, generation, issued);
    const key = this.#certified(label, generation, der);
    await this.#record(der, wanted);
    if (won)
      await onKeyEvent?.({ what: "key-made", holder, at: at.toString(), serial: key.serial, reason: wanted.use });
    return key;
  }

  #certified(label: string, generation: number, der: Uint8Array): AnyCertifiedKey {
    const read = readX509(der);
    return {
      serial: read.serial,
      certificate: der,
      issuers: this.#options.hierarchy.chainOf(read),
      algorithm: NAMES[readPublicKey(read.publicKeyInfo).algorithm],
      name: commonNameOf(read.subject),
      notAfterMs: read.notAfterMs,
      sign: (data) => this.#options.store.sign(keyLabel(label, generation), data),
    };
  }

  async #record(der: Uint8Array, wanted: Wanted): Promise<void> {
    const { holder, use } = wanted;
    await this.#options.records?.add({ pem: toPem(der), subjectKind: holder.kind, subjectId: holder.id, use });
  }
}

function fits(key: AnyCertifiedKey, wanted: Wanted, at: Temporal.Instant): boolean {
  return key.notAfterMs > at.epochMilliseconds + LAST_DAYS_MS && key.name === wanted.subject.commonName;
}

function labelOf({ holder, use, suite, key }: WantedBeside): string {
  const own = holder.kind === "authority" ? `seal/${holder.id}/${use}` : `${holder.kind}/${holder.id}`;
  const label = suite === "national" ? `${own}/sm2` : own;
  return key === undefined ? label : `${label}/${key}`;
}

function keyLabel(label: string, generation: number): string {
  return `${label}/${generation}`;
}
