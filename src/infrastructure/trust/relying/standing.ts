/**
 * The kernel's port `CertificateStanding`: of certificates of this node's own authorities its register tells, a moment after the act; of those
 * that another node of the directory issued, that node, which is asked again and again for as long as somebody shows them. Whoever issued
 * a certificate may withdraw it: so no root is needed here, an answer counts where the issuer's own key stands behind it. Nobody but
 * nodes of the directory is asked, and who cannot be reached withdraws nothing.
 */
import { isRefusal } from "#kernel/contract/refusal";
import { keepLooking } from "#kernel/database/keep-looking";
import type { Database } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import type { CertificateStanding } from "#kernel/ports";
import type { Front } from "#kernel/system/context";
import { DerError } from "#lib/asn1/der";
import { verifySigned } from "#lib/certificate/algorithms";
import { sha256Hex } from "#lib/crypto/digest";
import { DIGEST_OID, DIGESTS, writeCertificateId } from "#lib/revocation/certificate-id";
import { LIST_MAX_BYTES } from "#lib/revocation/revocation-list";
import { STATUS_ANSWER_MAX_BYTES } from "#lib/revocation/status-answer";
import { StatusCache } from "#lib/revocation/status-cache";
import { STATUS_REQUEST_MAX_CERTIFICATES, writeStatusRequest } from "#lib/revocation/status-request";
import { CERTIFICATE_MAX_BYTES, readX509, type X509Certificate } from "#lib/x509/certificate";
import type { IssuerFacts } from "#lib/x509/path-validation";
import { STANDING_CHANNEL } from "../certificates/certificate-log.ts";
import type { trust } from "../contract.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { placesOf } from "./relying-party.ts";

/** What a notification told is looked up at once; one that was lost is made up for within this. */
const LOOK_AGAIN_MS = 15_000;
/** How often issuers elsewhere are thought of. */
const ASK_ROUND_MS = 10_000;
/** One that is shown for the first time is asked after so much later: others may come with it. */
const FIRST_ASKED_MS = 200;
/** What was signed longer ago is asked for anew: with a round and a slow answer less than a minute. */
const FRESH_MS = 25_000;
/** How far others' clocks may be ahead. */
const SKEW_MS = 60_000;
/** Certificates that are asked after; the one that was shown longest ago goes first. */
const WATCHED_MAX = 10_000;
const ISSUERS_MAX = 1_000;
/** Issuers that are asked at the same time. */
const ASKED_AT_ONCE = 8;

export interface StandingOptions {
  readonly database: Pick<Database, "listen">;
  /** The room's operations, asked as the node. */
  readonly front: () => Pick<Front<typeof trust>, "revokedCertificates">;
  /** Whether a node of the directory answers at this address. */
  readonly mayAsk: (address: URL) => boolean;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** A look that failed; what was known counts on. */
  readonly onFault: (fault: unknown) => void;
}

export class Standing implements CertificateStanding {
  readonly #options: StandingOptions;
  readonly #listeners = new Set<() => void>();
  readonly #watched = new Map<string, X509Certificate>();
  /** Certificates of issuers, which have signed. */
  readonly #issuers = new Map<string, X509Certificate>();
  readonly #cache = new StatusCache({ verify: verifySigned, skewMs: SKEW_MS });
  #own: ReadonlySet<string> = new Set();
  #elsewhere: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #first: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;
  #stopLooking: (() => Promise<void>) | undefined;

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  isWithdrawn(fingerprint: string): boolean {
    return this.#own.has(fingerprint) || this.#elsewhere.has(fingerprint);
  }

  watch(certificate: Uint8Array): void {
    const fingerprint = sha256Hex(certificate);
    const watched = this.#watched.get(fingerprint);
    const known = watched ?? readOrNothing(certificate);
    if (known === undefined) return;
    if (watched === undefined && this.#timer !== undefined) {
      this.#first ??= setTimeout(() => {
        this.#first = undefined;
        void this.#askSoon();
      }, FIRST_ASKED_MS).unref();
    }
    this.#watched.delete(fingerprint);
    this.#watched.set(fingerprint, known);
    const oldest = this.#watched.keys().next().value;
    if (this.#watched.size > WATCHED_MAX && oldest !== undefined) this.#watched.delete(oldest);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the register, and keeps both up to date. */
  async start(): Promise<void> {
    const { database, onFault } = this.#options;
    await this.look();
    const look = () => this.look();
    this.#stopLooking = await keepLooking({
      ...{ database, channel: STANDING_CHANNEL, everyMs: LOOK_AGAIN_MS, look, onFault },
    });
    this.#timer = setInterval(() => void this.#askSoon(), ASK_ROUND_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#first);
    await this.#stopLooking?.();
    await this.#asking;
  }

  /** What this node's own register says now. @throws {Fault} ERR_TRUST_SILENT */
  async look(): Promise<void> {
    const front = this.#options.front();
    const found = new Set<string>();
    for (const status of ["revoked", "suspended"] as const) {
      for (let after: string | undefined; ; ) {
        const page = await front.revokedCertificates({
          ...{ status, subjectKind: "node" },
          ...(after !== undefined && { after }),
        });
        if (isRefusal(page)) throw new Fault("ERR_TRUST_SILENT", { message: page.code });
        for (const { fingerprint } of page.items) if (fingerprint !== undefined) found.add(fingerprint);
        after = page.next;
        if (after === undefined) break;
      }
    }
    this.#tellOf(this.#own, found, () => {
      this.#own = found;
    });
  }

  async #askSoon(): Promise<void> {
    this.#asking ??= this.ask()
      .catch(this.#options.onFault)
      .finally(() => {
        this.#asking = undefined;
      });
    await this.#asking;
  }

  /** Asks issuers elsewhere for what is not fresh any more. */
  async ask(): Promise<void> {
    for (const [fingerprint, { notAfterMs }] of this.#watched) {
      if (notAfterMs < this.#nowMs()) this.#watched.delete(fingerprint);
    }
    const groups = [...Map.groupBy(this.#watched.values(), groupOf).values()];
    for (let from = 0; from < groups.length; from += ASKED_AT_ONCE) {
      await Promise.all(groups.slice(from, from + ASKED_AT_ONCE).map((group) => this.#askGroup(group)));
    }
    const atMs = this.#nowMs();
    const found = new Set<string>();
    for (const [fingerprint, certificate] of this.#watched) {
      const issuer = this.#issuerOf(certificate);
      const known = issuer && this.#cache.status(certificate.serial, issuer, atMs);
      if (known?.status === "revoked") found.add(fingerprint);
    }
    this.#tellOf(this.#elsewhere, found, () => {
      this.#elsewhere = found;
    });
  }

  /** Certificates of one issuer, which say that they are asked after at one address. */
  async #askGroup(group: readonly X509Certificate[]): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const places = placesOf(first.extensions);
    const isOpen = (address: string) => this.#options.mayAsk(new URL(address));
    const [answers, lists] = [places.answers.filter(isOpen), places.lists.filter(isOpen)];
    if (answers.length + lists.length === 0) return;
    const issuer = await this.#findIssuer(first, places.issuers.filter(isOpen));
    if (issuer === undefined) return;
    const due = group.filter((one) => this.#isDue(one, issuer));
    for (let from = 0; from < due.length; from += STATUS_REQUEST_MAX_CERTIFICATES) {
      const some = due.slice(from, from + STATUS_REQUEST_MAX_CERTIFICATES);
      if (!(await this.#askAfter(some, issuer, answers))) return await this.#askForList(issuer, lists);
    }
  }

  /** @returns whether somebody answered */
  async #askAfter(
    some: readonly X509Certificate[],
    issuer: IssuerFacts,
    addresses: readonly string[],
  ): Promise<boolean> {
    const named = { name: issuer.name.raw, publicKeyInfo: issuer.publicKeyInfo };
    const ids = some.map(({ serial }) => writeCertificateId(named, serial, DIGEST_OID.sha256, DIGESTS));
    const post = { type: "application/ocsp-request", body: writeStatusRequest(ids) };
    for (const address of addresses) {
      const answer = await boundedFetch(address, { maxBytes: STATUS_ANSWER_MAX_BYTES, post });
      if (answer === undefined) continue;
      const atMs = this.#nowMs();
      const problems = some.map(({ serial }) => this.#cache.takeAnswer(answer, { serial, issuer, atMs }));
      if (problems.includes(undefined)) return true;
    }
    return false;
  }

  async #askForList(issuer: IssuerFacts, addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      const list = await boundedFetch(address, { maxBytes: LIST_MAX_BYTES });
      if (list !== undefined && this.#cache.takeList(list, { issuer, atMs: this.#nowMs() }) === undefined) return;
    }
  }

  #isDue({ serial }: X509Certificate, issuer: IssuerFacts): boolean {
    const { signedAtMs } = this.#cache.status(serial, issuer, this.#nowMs());
    return signedAtMs === undefined || this.#nowMs() - signedAtMs >= FRESH_MS;
  }

  async #findIssuer(certificate: X509Certificate, addresses: readonly string[]): Promise<IssuerFacts | undefined> {
    const known = this.#issuerOf(certificate);
    if (known !== undefined) return known;
    for (const address of addresses) {
      const der = await boundedFetch(address, { maxBytes: CERTIFICATE_MAX_BYTES });
      const read = der && readOrNothing(der);
      if (read === undefined || !hasSigned(read, certificate)) continue;
      if (this.#issuers.size >= ISSUERS_MAX) this.#issuers.clear();
      this.#issuers.set(nameOfIssuer(certificate), read);
      return factsOf(read);
    }
    return undefined;
  }

  #issuerOf(certificate: X509Certificate): IssuerFacts | undefined {
    const known = this.#issuers.get(nameOfIssuer(certificate));
    return known === undefined ? undefined : factsOf(known);
  }

  #nowMs(): number {
    return Date.parse(this.#options.now());
  }

  #tellOf(before: ReadonlySet<string>, now: ReadonlySet<string>, take: () => void): void {
    const isSame = before.size === now.size && before.isSubsetOf(now);
    take();
    if (!isSame) for (const listener of this.#listeners) listener();
  }
}

function readOrNothing(der: Uint8Array): X509Certificate | undefined {
  try {
    return readX509(der);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function hasSigned(issuer: X509Certificate, certificate: X509Certificate): boolean {
  const { signatureAlgorithm: algorithm, signedPart: signed, signature } = certificate;
  return (
    issuer.isAuthority &&
    issuer.subject.key === certificate.issuer.key &&
    verifySigned({ publicKeyInfo: issuer.publicKeyInfo, algorithm, signed, signature })
  );
}

function factsOf({ subject: name, publicKeyInfo }: X509Certificate): IssuerFacts {
  return { name, publicKeyInfo };
}

/** With where its certificate lies: whoever takes another's name and key identifier does so at an address of his own. */
function nameOfIssuer({ issuer, authorityKeyId, extensions }: X509Certificate): string {
  return [authorityKeyId ?? "", ...placesOf(extensions).issuers, issuer.key].join(" ");
}

function groupOf(certificate: X509Certificate): string {
  return `${nameOfIssuer(certificate)} ${placesOf(certificate.extensions).answers.join(" ")}`;
}
