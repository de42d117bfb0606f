/** What is done in a ceremony: making the root, certifying authorities on their requests, signing lists of those that ended. */
import { randomBytes } from "node:crypto";
import { writeSigned } from "#lib/certificate/certificate";
import type { PermittedNames } from "#lib/certificate/extensions";
import { writeName } from "#lib/certificate/name";
import type { ReadRequest } from "#lib/certificate/request";
import type { Revocation } from "#lib/revocation/reason";
import { writeListPart } from "#lib/revocation/write-revocation-list";
import { CEREMONY_ID_BYTES, makeShares, randomnessFor, SECRET_BYTES, type Share } from "#lib/secret-sharing/shares";
import type { X509Certificate } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import { EXTENSION } from "#lib/x509/extensions";
import { rootName } from "../certificates/authority-files.ts";
import { authoritySubject } from "../certificates/hierarchy.ts";
import { issueCertificate, type StatusPointers, type Subject, writeSubject } from "../certificates/issue.ts";
import { type AuthorityProfileName, PROFILES } from "../certificates/profiles.ts";
import { type CertificateSuite, ISSUING_PURPOSES, SUITE_KEYS } from "../certificates/purposes.ts";
import { type CeremonyRecord, newRecord } from "./record.ts";
import { type RootKey, rootKeys } from "./root-holder.ts";

/** An off-line root signs its list this rarely; whoever relies on it asks for the list again each day all the same. */
export const ROOT_LIST_DAYS = 200;

export interface Beginning {
  readonly operator: string;
  readonly custodians: readonly string[];
  readonly threshold: number;
  readonly suites: readonly CertificateSuite[];
  readonly publicUrl?: string;
  readonly at: Temporal.Instant;
}

export interface Begun {
  readonly record: CeremonyRecord;
  readonly shares: readonly Share[];
  readonly keys: readonly RootKey[];
  /** By suite, DER. */
  readonly roots: ReadonlyMap<CertificateSuite, Uint8Array>;
}

/** Makes a root and its shares. @throws {RangeError} for numbers that make no sense */
export async function beginCeremony(beginning: Beginning): Promise<Begun> {
  const { operator, custodians, threshold, suites, publicUrl, at } = beginning;
  const ceremony = new Uint8Array(randomBytes(CEREMONY_ID_BYTES));
  const secret = new Uint8Array(randomBytes(SECRET_BYTES));
  const numbers = { count: custodians.length, threshold };
  const { shares, record: made } = makeShares(
    secret,
    { ...numbers, ceremony },
    new Uint8Array(randomBytes(Math.max(0, randomnessFor(numbers)))),
  );
  const keys = rootKeys(secret, { ceremony, suites });
  secret.fill(0);
  const record = newRecord({
    ceremony: ceremony.toHex(),
    operator,
    ...(publicUrl !== undefined && { publicUrl }),
    ...{ suites, custodians, threshold },
    commitments: made.commitments.map((digest) => digest.toHex()),
    begunAt: at.toString(),
  });
  const roots = new Map<CertificateSuite, Uint8Array>();
  for (const key of keys) roots.set(key.suite, await makeRoot(operator, key, at));
  return { record, shares, keys, roots };
}

function makeRoot(operator: string, key: RootKey, at: Temporal.Instant): Promise<Uint8Array> {
  const subject = authoritySubject(operator, "Root", key.suite);
  return issueCertificate({
    ...{ profile: "root", subject, publicKeyInfo: key.publicKeyInfo, notBefore: at },
    issuer: {
      name: writeSubject(subject),
      algorithm: SUITE_KEYS[key.suite].algorithm,
      sign: async (part) => key.sign(part),
    },
  });
}

/** What an authority may be certified for, besides what its request says. */
export interface Grant {
  readonly profile: Exclude<AuthorityProfileName, "root">;
  /** The only province whose holders it may certify. */
  readonly province?: string;
  /** The only domains whose hosts it may certify. */
  readonly hosts?: readonly string[];
}

/** Which profile a request is for, told by the policies that it asks for; undefined where none fits. */
export function profileOf({ extensions, known }: ReadRequest): Grant["profile"] | undefined {
  if (!extensions.has(EXTENSION.certificatePolicies)) return undefined;
  const asked = [...(known.policies ?? [])].sort().join(" ");
  const profiles: readonly Grant["profile"][] = ["region", ...ISSUING_PURPOSES.map((one) => `${one}-issuer` as const)];
  return profiles.find((name) => [...PROFILES[name].policies].sort().join(" ") === asked);
}

/** In which suite a request is answered: that of its key. Undefined for a key that no authority has. */
export function suiteOf({ publicKey }: Pick<ReadRequest, "publicKey">): CertificateSuite | undefined {
  return (["international", "national"] as const).find((suite) => SUITE_KEYS[suite].algorithm === publicKey.algorithm);
}

/** Certifies an authority; gives DER. */
export function certifyAuthority(
  root: { readonly key: RootKey; readonly certificate: X509Certificate; readonly publicUrl?: string | undefined },
  request: ReadRequest,
  { profile, province, hosts = [], at }: Grant & { readonly at: Temporal.Instant },
): Promise<Uint8Array> {
  const { key, certificate, publicUrl } = root;
  const directories = province === undefined ? [] : [writeName({ country: "CN", province })];
  const permitted: PermittedNames | undefined =
    hosts.length + directories.length === 0 ? undefined : { hosts, directories };
  return issueCertificate({
    ...{ profile, publicKeyInfo: request.publicKeyInfo, notBefore: at },
    subject: subjectFor(request, province),
    ...(publicUrl !== undefined && { pointers: pointersOf(publicUrl, key.suite) }),
    ...(permitted !== undefined && { permitted }),
    issuer: {
      name: certificate.subject.raw,
      keyId: Uint8Array.fromHex(certificate.subjectKeyId ?? ""),
      notAfter: Temporal.Instant.fromEpochMilliseconds(certificate.notAfterMs),
      algorithm: SUITE_KEYS[key.suite].algorithm,
      sign: async (part) => key.sign(part),
    },
  });
}

const ORGANIZATION = "2.5.4.10";

function subjectFor({ subject }: ReadRequest, province: string | undefined): Subject {
  const organization = subject.parts.flat().find(({ type }) => type === ORGANIZATION)?.value;
  return {
    commonName: commonNameOf(subject),
    ...(organization !== undefined && { organization }),
    ...(province !== undefined && { province }),
  };
}

function pointersOf(publicUrl: string, suite: CertificateSuite): StatusPointers {
  const name = rootName(suite);
  return { issuerUrl: `${publicUrl}/trust/ca/${name}.cer`, listUrl: `${publicUrl}/trust/crl/${name}.crl` };
}

/** Signs the list of authorities that ended before their time; gives DER. */
export function signRootList(
  { key, certificate }: { readonly key: RootKey; readonly certificate: X509Certificate },
  { revoked, at }: { readonly revoked: Iterable<readonly [serial: string, Revocation]>; readonly at: Temporal.Instant },
): Uint8Array {
  const { algorithm } = SUITE_KEYS[key.suite];
  const part = writeListPart({
    algorithm,
    issuer: certificate.subject.raw,
    issuerKeyId: Uint8Array.fromHex(certificate.subjectKeyId ?? ""),
    thisUpdateMs: at.epochMilliseconds,
    nextUpdateMs: at.add({ hours: 24 * ROOT_LIST_DAYS }).epochMilliseconds,
    number: BigInt(at.epochMilliseconds),
    revoked,
  });
  return writeSigned(part, algorithm, key.sign(part));
}
