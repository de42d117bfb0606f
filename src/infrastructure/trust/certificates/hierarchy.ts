/**
 * The node's hierarchy in each suite: a root, below it an authority for each purpose, which signs the holders of that purpose. The root's key is
 * in this folder on a demonstration node; else it was made in a ceremony, is with its custodians, and the authorities' certificates were
 * installed.
 */
import { Fault } from "#kernel/errors/fault";
import { writeAlgorithm } from "#lib/certificate/algorithms";
import { NAME_ATTRIBUTES } from "#lib/certificate/name";
import { equalBytes } from "#lib/crypto/bytes";
import { INTERNATIONAL_CHOICE, type SuiteChoice } from "#lib/crypto/purposes";
import { isRsaKey } from "#lib/crypto/rsa";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import "../faults.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { AuthorityFiles, issuerName, rootName } from "./authority-files.ts";
import {
  type CertificateRequest,
  issueCertificate,
  type KeyHolding,
  type StatusPointers,
  type Subject,
  writeSubject,
} from "./issue.ts";
import { type HolderProfileName, PROFILES } from "./profiles.ts";
import {
  CERTIFICATE_SUITES,
  type CertificateSuite,
  ISSUING_PURPOSES,
  type IssuingPurpose,
  PURPOSE_TITLES,
  SUITE_KEYS,
  suitesOf,
} from "./purposes.ts";

const FORMER_ISSUER = "issuer";
/** An authority with less time left gives way to the next: what it issued could not live as long as it should. */
const LAST_YEARS_MS = 3 * 366 * 24 * 3_600_000;
const NAME_MAX_CHARACTERS = 64;

const DOCUMENT_ALGORITHM = writeAlgorithm("ES256");

/** Somebody who issues certificates, or did. */
export interface Authority {
  /** In addresses: `root`, `seal`, `seal-2`, `person-sm2`; `issuer` is the one that nodes had for all purposes. */
  readonly name: string;
  readonly suite: CertificateSuite;
  /** Absent for roots and for `issuer`. */
  readonly purpose?: IssuingPurpose;
  readonly certificate: X509Certificate;
  /** The authorities above, DER, the root not among them. */
  readonly above: readonly Uint8Array[];
  /** Absent where the key is not here: an off-line root. */
  readonly keyLabel?: string;
}

/** What is to be certified. */
export interface HolderRequest {
  readonly profile: Exclude<HolderProfileName, "status">;
  readonly subject: Subject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
  readonly at: Temporal.Instant;
  /** DNS names, for nodes and systems. */
  readonly hosts?: readonly string[];
  /** Default: the first in which this node has an authority for the purpose. */
  readonly suite?: CertificateSuite;
  readonly heldBy?: KeyHolding;
}

export interface HierarchyPlace {
  readonly keys: KeyStore;
  /** Where the certificates lie. */
  readonly folder: string;
  /** Whose hierarchy: `清源县（演示）`. */
  readonly operator: string;
  readonly at: Temporal.Instant;
  /** Where others reach this node, for the pointers in certificates. */
  readonly publicUrl?: string;
  /** Default: the international suite alone. */
  readonly suites?: SuiteChoice;
}

export class Hierarchy {
  /** Roots and issuing authorities whose certificates, lists and answers this node gives; newer ones of a purpose first. */
  readonly authorities: readonly Authority[];
  /** All roots that this node trusts, DER: its own, earlier ones, and those of other certification bodies. */
  readonly roots: readonly Uint8Array[];
  /** The root in the international suite, DER. */
  readonly root: Uint8Array;
  readonly #place: HierarchyPlace;

  constructor(place: HierarchyPlace, authorities: readonly Authority[], furtherRoots: readonly Uint8Array[]) {
    this.#place = place;
    this.authorities = authorities;
    const own = authorities.filter(isRoot).map(({ certificate }) => certificate.der);
    this.roots = [...own, ...furtherRoots];
    const root = authorities.find(({ name }) => name === rootName("international"));
    if (root === undefined) throw new Fault("ERR_TRUST_NO_AUTHORITY", { message: rootName("international") });
    this.root = root.certificate.der;
  }

  /** The roots below which seals on documents may stand: those that the readers of PDF and SD-JWT understand. */
  get documentRoots(): readonly Uint8Array[] {
    return this.roots.filter((der) => {
      const { signatureAlgorithm, publicKeyInfo } = readX509(der);
      return equalBytes(signatureAlgorithm, DOCUMENT_ALGORITHM) || isRsaKey(publicKeyInfo);
    });
  }

  /** The roots below which this node's authorities for seals stand, of every suite and generation. */
  get sealRoots(): readonly Uint8Array[] {
    const roots = this.roots.map(readX509);
    const tops = this.authorities
      .filter(({ purpose }) => purpose === "seal")
      .map(({ certificate, above }) => (above.length === 0 ? certificate : readX509(above.at(-1) as Uint8Array)));
    const isAbove = (root: X509Certificate) =>
      tops.some(
        ({ issuer, authorityKeyId }) => issuer.key === root.subject.key && authorityKeyId === root.subjectKeyId,
      );
    return roots.filter(isAbove).map(({ der }) => der);
  }

  /** The suites in which certificates for a purpose are issued here, the default first. */
  suitesOf(purpose: IssuingPurpose): readonly CertificateSuite[] {
    return suitesOf(purpose, choiceOf(this.#place)).filter((suite) => this.#find(purpose, suite) !== undefined);
  }

  /** The authority that issues for a purpose now. @throws {Fault} ERR_TRUST_NO_AUTHORITY */
  issuer(purpose: IssuingPurpose, suite: CertificateSuite = this.suitesOf(purpose)[0] ?? "international"): Authority {
    const found = this.#find(purpose, suite);
    if (found === undefined) throw new Fault("ERR_TRUST_NO_AUTHORITY", { message: issuerName(purpose, suite) });
    return found;
  }

  named(name: string): Authority | undefined {
    return this.authorities.find((authority) => authority.name === name);
  }

  /** Whose certificate it is, among the authorities of this node. */
  issuerOf({ issuer, authorityKeyId }: Pick<X509Certificate, "issuer" | "authorityKeyId">): Authority | undefined {
    return this.authorities.find(
      ({ certificate }) => certificate.subject.key === issuer.key && certificate.subjectKeyId === authorityKeyId,
    );
  }

  /** What stands between a certificate and its root, DER, its issuer first. */
  chainOf(certificate: X509Certificate): readonly Uint8Array[] {
    const issuer = this.issuerOf(certificate);
    return issuer === undefined || isRoot(issuer) ? [] : [issuer.certificate.der, ...issuer.above];
  }

  /** Issues a certificate for a key; gives DER. @throws {Fault} ERR_TRUST_NO_AUTHORITY */
  issue({ suite, at, ...request }: HolderRequest): Promise<Uint8Array> {
    const purpose = PROFILES[request.profile].issuer as IssuingPurpose;
    return this.#issueBy(this.issuer(purpose, suite), { ...request, notBefore: at });
  }

  /** Certifies the key that answers for an authority's certificates. */
  issueStatusKey(
    authority: Authority,
    { at, ...request }: Pick<HolderRequest, "subject" | "publicKeyInfo" | "at">,
  ): Promise<Uint8Array> {
    return this.#issueBy(authority, { profile: "status", ...request, notBefore: at });
  }

  /** Signs in an authority's name: certificates and lists. @throws {Fault} ERR_TRUST_NO_AUTHORITY when its key is not here */
  sign({ name, keyLabel }: Authority, part: Uint8Array): Promise<Uint8Array> {
    if (keyLabel === undefined) throw new Fault("ERR_TRUST_NO_AUTHORITY", { message: name });
    return this.#place.keys.sign(keyLabel, part);
  }

  /** The list that an off-line root signed in its last ceremony, DER. */
  rootList(suite: CertificateSuite): Promise<Uint8Array | undefined> {
    return new AuthorityFiles(this.#place.folder).rootList(suite);
  }

  #issueBy(authority: Authority, request: Omit<CertificateRequest, "issuer" | "pointers">): Promise<Uint8Array> {
    const province = provinceOf(authority);
    return issueCertificate({
      ...request,
      subject: { ...request.subject, ...(province !== undefined && { province }) },
      ...pointersBelow(authority.name, this.#place.publicUrl),
      issuer: signerOf(authority, (part) => this.sign(authority, part)),
    });
  }

  #find(purpose: IssuingPurpose, suite: CertificateSuite): Authority | undefined {
    return this.authorities.find((authority) => authority.purpose === purpose && authority.suite === suite);
  }
}

/** Opens the hierarchy, making what is not there yet: roots on first use, and below a root whose key is here its authorities. */
export async function openHierarchy(place: HierarchyPlace): Promise<Hierarchy> {
  const files = new AuthorityFiles(place.folder);
  const wanted = new Set(ISSUING_PURPOSES.flatMap((purpose) => suitesOf(purpose, choiceOf(place))));
  const opened = await Promise.all(
    CERTIFICATE_SUITES.map(async (suite) => {
      const root = await openRoot(files, place, { suite, wanted: wanted.has(suite) });
      if (root === undefined) return [];
      const issuers = ISSUING_PURPOSES.map((purpose) => openIssuers(files, place, { purpose, root }));
      return [root, ...(await Promise.all(issuers)).flat()];
    }),
  );
  const former = await files.formerIssuer();
  const formerly: readonly Authority[] =
    former === undefined
      ? []
      : [
          {
            name: FORMER_ISSUER,
            suite: "international",
            certificate: readX509(former),
            above: [],
            keyLabel: "authority/issuer",
          },
        ];
  return new Hierarchy(place, [...opened.flat(), ...formerly], await files.furtherRoots());
}

async function openRoot(
  files: AuthorityFiles,
  place: HierarchyPlace,
  { suite, wanted }: { readonly suite: CertificateSuite; readonly wanted: boolean },
): Promise<Authority | undefined> {
  const name = rootName(suite);
  const keyLabel = `authority/${name}`;
  const known = await files.root(suite);
  if (known !== undefined) {
    const certificate = readX509(known);
    const key = await place.keys.findKey(keyLabel);
    const isHere = key !== undefined && equalBytes(key.info, certificate.publicKeyInfo);
    return { name, suite, certificate, above: [], ...(isHere && { keyLabel }) };
  }
  // Asked for by `trust issuer request`: whoever has the authorities' keys waits for the ceremony's root.
  if (!wanted) return undefined;
  if (await files.isAwaitingRoot()) throw new Fault("ERR_TRUST_AWAITING_ROOT", { message: place.folder });
  const { info } = await place.keys.ensureKey(keyLabel, SUITE_KEYS[suite].key);
  const subject = authoritySubject(place.operator, "Root", suite);
  const made = await issueCertificate({
    profile: "root",
    subject,
    publicKeyInfo: info,
    notBefore: place.at,
    issuer: {
      name: writeSubject(subject),
      algorithm: SUITE_KEYS[suite].algorithm,
      sign: (data) => place.keys.sign(keyLabel, data),
    },
  });
  const kept = await files.keepRoot(suite, made);
  return { name, suite, certificate: readX509(kept), above: [], keyLabel };
}

async function openIssuers(
  files: AuthorityFiles,
  place: HierarchyPlace,
  { purpose, root }: { readonly purpose: IssuingPurpose; readonly root: Authority },
): Promise<readonly Authority[]> {
  const { suite } = root;
  const name = issuerName(purpose, suite);
  const chains = [...(await files.issuers(name))];
  const isWanted = suitesOf(purpose, choiceOf(place)).includes(suite);
  const newest = chains.at(-1);
  const lasts = newest !== undefined && readX509(newest[0]).notAfterMs - place.at.epochMilliseconds > LAST_YEARS_MS;
  if (isWanted && !lasts && root.keyLabel !== undefined) {
    const generation = chains.length + 1;
    const made = await makeIssuer(place, { purpose, root, keyLabel: issuerKeyLabel(name, generation) });
    chains.push(await files.keepIssuer(name, generation, [made]));
  }
  return chains
    .map(([der, ...above], at): Authority => {
      const numbered = at === 0 ? name : `${name}-${at + 1}`;
      return {
        name: numbered,
        suite,
        purpose,
        certificate: readX509(der),
        above,
        keyLabel: issuerKeyLabel(name, at + 1),
      };
    })
    .reverse();
}

/** Under which label the key of an authority's generation lies. */
export function issuerKeyLabel(name: string, generation: number): string {
  return `issuer/${name}/${generation}`;
}

async function makeIssuer(
  place: HierarchyPlace,
  {
    purpose,
    root,
    keyLabel,
  }: { readonly purpose: IssuingPurpose; readonly root: Authority; readonly keyLabel: string },
): Promise<Uint8Array> {
  const { info } = await place.keys.ensureKey(keyLabel, SUITE_KEYS[root.suite].key);
  const rootKey = root.keyLabel as string;
  return issueCertificate({
    profile: `${purpose}-issuer`,
    subject: authoritySubject(place.operator, PURPOSE_TITLES[purpose].en, root.suite),
    publicKeyInfo: info,
    notBefore: place.at,
    ...pointersBelow(root.name, place.publicUrl),
    issuer: signerOf(root, (part) => place.keys.sign(rootKey, part)),
  });
}

/** The province whose holders alone an authority may certify; undefined where it is not so bound. */
function provinceOf({ certificate, above }: Authority): string | undefined {
  const permitted = [certificate, ...above.map(readX509)].flatMap((one) => one.nameConstraints?.permitted ?? []);
  const names = permitted.flatMap((name) => (name.kind === "directory" ? name.name.parts.flat() : []));
  return names.find(({ type }) => type === NAME_ATTRIBUTES.province)?.value;
}

function isRoot({ name }: Authority): boolean {
  return CERTIFICATE_SUITES.some((suite) => name === rootName(suite));
}

function choiceOf({ suites }: HierarchyPlace): SuiteChoice {
  return suites ?? INTERNATIONAL_CHOICE;
}

/** How an authority is called. */
export function authoritySubject(operator: string, what: string, suite: CertificateSuite): Subject {
  const tail = ` Zhengtong ${what}${suite === "national" ? " SM2" : ""}`;
  const head = [...operator.trim()].slice(0, NAME_MAX_CHARACTERS - [...tail].length).join("");
  return { commonName: `${head}${tail}`, organization: head };
}

/** Of the root's certificates there is a list; the others are also asked for one by one. */
function pointersBelow(authority: string, publicUrl: string | undefined): { pointers?: StatusPointers } {
  if (publicUrl === undefined) return {};
  const pointers = {
    issuerUrl: `${publicUrl}/trust/ca/${authority}.cer`,
    listUrl: `${publicUrl}/trust/crl/${authority}.crl`,
  };
  const isOfRoot = CERTIFICATE_SUITES.some((suite) => authority === rootName(suite));
  return { pointers: isOfRoot ? pointers : { ...pointers, statusUrl: `${publicUrl}/trust/ocsp` } };
}

function signerOf(
  { certificate, suite }: Pick<Authority, "certificate" | "suite">,
  sign: (part: Uint8Array) => Promise<Uint8Array>,
): CertificateRequest["issuer"] {
  return {
    name: certificate.subject.raw,
    ...(certificate.subjectKeyId !== undefined && { keyId: Uint8Array.fromHex(certificate.subjectKeyId) }),
    notAfter: Temporal.Instant.fromEpochMilliseconds(certificate.notAfterMs),
    algorithm: SUITE_KEYS[suite].algorithm,
    sign,
  };
}
