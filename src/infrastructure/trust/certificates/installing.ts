/**
 * Authorities below a root whose key is elsewhere: their keys are made here, their certificates asked for with requests (PKCS #10) and
 * installed when they come back, whether from a root ceremony or from a licensed certification body.
 */

import { readCertifyingKey, readPublicKey, verifySigned } from "#lib/certificate/algorithms";
import { basicConstraints, certificatePolicies, extendedKeyUsage, keyUsage } from "#lib/certificate/extensions";
import { writeRequest } from "#lib/certificate/request";
import { equalBytes } from "#lib/crypto/bytes";
import type { SuiteChoice } from "#lib/crypto/purposes";
import { listProblem, readRevocationList } from "#lib/revocation/revocation-list";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { anchorOf, buildPath } from "#lib/x509/path-validation";
import type { KeyStore } from "../keys/key-store.ts";
import { AuthorityFiles, fingerprintOf, issuerName } from "./authority-files.ts";
import { authoritySubject, issuerKeyLabel } from "./hierarchy.ts";
import { writeSubject } from "./issue.ts";
import { PROFILES } from "./profiles.ts";
import {
  CERTIFICATE_SUITES,
  type CertificateSuite,
  ISSUING_PURPOSES,
  type IssuingPurpose,
  PURPOSE_TITLES,
  SUITE_KEYS,
  suitesOf,
} from "./purposes.ts";

export interface InstallingPlace {
  readonly keys: KeyStore;
  readonly folder: string;
}

export interface AuthorityRequest {
  /** `seal`, `person-sm2`. */
  readonly name: string;
  readonly generation: number;
  /** DER. */
  readonly der: Uint8Array;
}

/** Makes the keys of the authorities' next generation and asks for their certificates. Asked again, the same keys are asked for. */
export async function requestAuthorities(
  { keys, folder }: InstallingPlace,
  { operator, suites }: { readonly operator: string; readonly suites: SuiteChoice },
): Promise<readonly AuthorityRequest[]> {
  const files = new AuthorityFiles(folder);
  const requests: AuthorityRequest[] = [];
  for (const purpose of ISSUING_PURPOSES) {
    for (const suite of suitesOf(purpose, suites)) {
      const name = issuerName(purpose, suite);
      const generation = (await files.issuers(name)).length + 1;
      const label = issuerKeyLabel(name, generation);
      const { info } = await keys.ensureKey(label, SUITE_KEYS[suite].key);
      const der = await requestFor({ purpose, suite, operator, info }, (part) => keys.sign(label, part));
      await files.keepRequest(name, generation, der);
      requests.push({ name, generation, der });
    }
  }
  return requests;
}

function requestFor(
  about: {
    readonly purpose: IssuingPurpose;
    readonly suite: CertificateSuite;
    readonly operator: string;
    readonly info: Uint8Array;
  },
  sign: (part: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const { purpose, suite, operator, info } = about;
  const profile = PROFILES[`${purpose}-issuer`];
  return writeRequest(
    {
      subject: writeSubject(authoritySubject(operator, PURPOSE_TITLES[purpose].en, suite)),
      publicKey: readCertifyingKey(info),
      extensions: [
        basicConstraints(true, 0),
        keyUsage(profile.keyUsage),
        extendedKeyUsage(profile.extendedKeyUses),
        certificatePolicies(profile.policies),
      ],
    },
    sign,
  );
}

export type InstallProblem =
  | "no-root"
  | "fingerprint"
  | "no-key"
  | "path"
  | "not-an-authority"
  | "uses"
  | "unreadable"
  | "list";

export interface Installation {
  /** Everything that came: roots, authorities, and those between, DER, in any order. */
  readonly certificates: readonly Uint8Array[];
  /** Lists of the root, DER. */
  readonly lists: readonly Uint8Array[];
  /** SHA-256 of the roots that the operator compared with the protocol, hexadecimal. */
  readonly fingerprints: readonly string[];
  readonly atMs: number;
}

export interface Installed {
  readonly installed: readonly string[];
  readonly problems: readonly { readonly fingerprint: string; readonly problem: InstallProblem }[];
}

/** Installs what fits this node's keys. Nothing is written when something does not. */
export async function installAuthorities(place: InstallingPlace, given: Installation): Promise<Installed> {
  const files = new AuthorityFiles(place.folder);
  const read = given.certificates.map(readX509);
  const roots = read.filter((one) => one.issuer.key === one.subject.key);
  const known = (await Promise.all(CERTIFICATE_SUITES.map((suite) => files.root(suite)))).flatMap((der) => der ?? []);
  const problems: { fingerprint: string; problem: InstallProblem }[] = [];
  const note = (certificate: X509Certificate, problem: InstallProblem) =>
    problems.push({ fingerprint: fingerprintOf(certificate.der), problem });
  for (const root of roots) {
    const isKnown = known.some((der) => equalBytes(der, root.der));
    if (!isKnown && !given.fingerprints.includes(fingerprintOf(root.der))) note(root, "fingerprint");
    else if (suiteOfRoot(root) === undefined) note(root, "unreadable");
  }
  const anchors = [...roots, ...known.map(readX509)];
  if (anchors.length === 0) for (const one of read) note(one, "no-root");
  const plans: { name: string; generation: number; chain: readonly Uint8Array[] }[] = [];
  for (const certificate of read) {
    if (roots.includes(certificate)) continue;
    const slot = await slotOf(place, files, certificate);
    // Those between a root and an authority of ours are not ours.
    if (slot === undefined && read.some((one) => one.issuer.key === certificate.subject.key)) continue;
    const checked = slot === undefined ? "no-key" : chainBelow(certificate, read, anchors, given.atMs, slot.purpose);
    if (typeof checked === "string") note(certificate, checked);
    else if (slot !== undefined) plans.push({ name: slot.name, generation: slot.generation, chain: checked });
  }
  const lists = given.lists.map((der) => [der, suiteOfList(der, anchors, given.atMs)] as const);
  for (const [, suite] of lists) if (suite === undefined) problems.push({ fingerprint: "", problem: "list" });
  if (problems.length > 0) return { installed: [], problems };
  const installed: string[] = [];
  for (const root of roots) {
    const suite = suiteOfRoot(root) as CertificateSuite;
    const before = await files.root(suite);
    if (before === undefined || !equalBytes(before, root.der)) await files.replaceRoot(suite, root.der);
    installed.push(`root ${suite}`);
  }
  for (const { name, generation, chain } of plans) {
    await files.keepIssuer(name, generation, chain);
    installed.push(`${name}.${generation}`);
  }
  for (const [der, suite] of lists) if (suite !== undefined) await files.replaceRootList(suite, der);
  return { installed, problems };
}

/** The authority of ours whose key a certificate names. */
async function slotOf({ keys }: InstallingPlace, files: AuthorityFiles, { publicKeyInfo }: X509Certificate) {
  for (const purpose of ISSUING_PURPOSES) {
    for (const suite of CERTIFICATE_SUITES) {
      const name = issuerName(purpose, suite);
      const generation = (await files.issuers(name)).length + 1;
      const key = await keys.findKey(issuerKeyLabel(name, generation));
      if (key !== undefined && equalBytes(key.info, publicKeyInfo)) return { name, generation, purpose };
    }
  }
  return undefined;
}

function chainBelow(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  atMs: number,
  purpose: IssuingPurpose,
): readonly Uint8Array[] | InstallProblem {
  const { keyUses, extendedKeyUses, isAuthority } = certificate;
  if (!isAuthority || !(keyUses?.has("keyCertSign") ?? true) || !(keyUses?.has("crlSign") ?? true))
    return "not-an-authority";
  const [use] = PROFILES[`${purpose}-issuer`].extendedKeyUses;
  if (extendedKeyUses !== undefined && use !== undefined && !extendedKeyUses.includes(use)) return "uses";
  const path = buildPath(certificate, others, { anchors: roots.map(anchorOf), atMs, verify: verifySigned });
  return path.valid ? path.path.map(({ der }) => der).reverse() : "path";
}

function suiteOfRoot({ publicKeyInfo, isAuthority }: X509Certificate): CertificateSuite | undefined {
  const { algorithm } = readPublicKey(publicKeyInfo);
  return isAuthority ? CERTIFICATE_SUITES.find((suite) => SUITE_KEYS[suite].algorithm === algorithm) : undefined;
}

function suiteOfList(der: Uint8Array, roots: readonly X509Certificate[], atMs: number): CertificateSuite | undefined {
  const list = readRevocationList(der);
  const root = roots.find(
    ({ subject: name, publicKeyInfo, keyUses }) =>
      listProblem(list, { issuer: { name, publicKeyInfo, keyUses }, atMs, verify: verifySigned }) === undefined,
  );
  return root && suiteOfRoot(root);
}
