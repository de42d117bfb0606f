/**
 * Whoever relies on certificates of other issuers: the path to a root that the operator trusts, and the status of each certificate on it, asked
 * where the certificate says. What was signed is kept until it expires, 24 hours at most, flagged as a debt once it is older than a minute; then
 * nothing is known and nothing accepted. An address is asked only after the path below a trusted root was found good.
 */
import { DerError } from "#lib/asn1/der";
import { verifySigned } from "#lib/certificate/algorithms";
import { sha1 } from "#lib/crypto/digest";
import { DIGEST_OID, DIGESTS, type Digests, writeCertificateId } from "#lib/revocation/certificate-id";
import { LIST_MAX_BYTES } from "#lib/revocation/revocation-list";
import { STATUS_ANSWER_MAX_BYTES } from "#lib/revocation/status-answer";
import { type KnownStatus, StatusCache } from "#lib/revocation/status-cache";
import { writeStatusRequest } from "#lib/revocation/status-request";
import type { X509Certificate } from "#lib/x509/certificate";
import { anchorOf, buildPath, type IssuerFacts, type PathProblem } from "#lib/x509/path-validation";
import { type StatusPlaces, statusPlaces } from "#lib/x509/status-places";
import { boundedFetch } from "./bounded-fetch.ts";

/** How far others' clocks may be ahead. */
const SKEW_MS = 60_000;

export interface Relied {
  readonly valid: true;
  /** From the certificate below the root to the holder's. */
  readonly path: readonly X509Certificate[];
  /** Serial numbers for which an older answer served, because nobody gave a fresh one. */
  readonly debts: readonly string[];
}

export type Judgement = Relied | { readonly valid: false; readonly problem: PathProblem };

export interface Question {
  readonly others: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
  readonly atMs: number;
  readonly extendedKeyUse?: string;
}

// Most responders name issuers by SHA-1: an identifier here, no protection.
const ALL_DIGESTS: Digests = {
  ...DIGESTS,
  [DIGEST_OID.sha1]: sha1,
};

export class RelyingParty {
  readonly #cache = new StatusCache({ verify: verifySigned, digests: ALL_DIGESTS, skewMs: SKEW_MS });
  readonly #fetch: typeof boundedFetch;

  constructor(fetch: typeof boundedFetch = boundedFetch) {
    this.#fetch = fetch;
  }

  /** Whether to rely on a certificate now. */
  async judge(holder: X509Certificate, { others, roots, ...asked }: Question): Promise<Judgement> {
    const options = { ...asked, anchors: roots.map(anchorOf), verify: verifySigned };
    const first = buildPath(holder, others, options);
    if (!first.valid) return first;
    let issuer: IssuerFacts | undefined = roots
      .map(({ subject: name, publicKeyInfo }) => ({ name, publicKeyInfo }))
      .find(({ name }) => name.key === first.path[0]?.issuer.key);
    for (const certificate of first.path) {
      if (issuer !== undefined) await this.#refresh(certificate, issuer, asked.atMs);
      issuer = { name: certificate.subject, publicKeyInfo: certificate.publicKeyInfo };
    }
    const debts: string[] = [];
    const known = buildPath(holder, others, {
      ...options,
      status: this.#cache.forPaths(asked.atMs, (serial) => debts.push(serial)),
    });
    return known.valid ? { valid: true, path: known.path, debts } : known;
  }

  /** Asks where the certificate says, unless what is known is fresh. */
  async #refresh(certificate: X509Certificate, issuer: IssuerFacts, atMs: number): Promise<void> {
    const { serial, extensions } = certificate;
    if (!this.#known(certificate, issuer, atMs).isDebt) return;
    const places = placesOf(extensions);
    const id = writeCertificateId(
      { name: issuer.name.raw, publicKeyInfo: issuer.publicKeyInfo },
      serial,
      DIGEST_OID.sha1,
      ALL_DIGESTS,
    );
    for (const url of places.answers) {
      const post = { type: "application/ocsp-request", body: writeStatusRequest([id]) };
      const answer = await this.#fetch(url, { maxBytes: STATUS_ANSWER_MAX_BYTES, post });
      if (answer !== undefined && this.#cache.takeAnswer(answer, { serial, issuer, atMs }) === undefined) return;
    }
    for (const url of places.lists) {
      const list = await this.#fetch(url, { maxBytes: LIST_MAX_BYTES });
      if (list !== undefined && this.#cache.takeList(list, { issuer, atMs }) === undefined) return;
    }
  }

  #known({ serial, isAuthority }: X509Certificate, issuer: IssuerFacts, atMs: number): KnownStatus {
    return this.#cache.status(serial, issuer, atMs, { isAuthority });
  }
}

/** Where a certificate says that its status is found; nowhere, where it says so in no proper form. */
export function placesOf(extensions: X509Certificate["extensions"]): StatusPlaces {
  try {
    return statusPlaces(extensions);
  } catch (error) {
    if (error instanceof DerError) return { answers: [], lists: [], issuers: [] };
    throw error;
  }
}
