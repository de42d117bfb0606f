/**
 * Issues the node's X.509 certificates by profile (RFC 5280), written by lib/certificate; the issuer's key signs them wherever it
 * lives.
 */
import { randomBytes } from "node:crypto";
import { TAG, writeDer, writeOid } from "#lib/asn1/der";
import { type CertificateAlgorithm, readPublicKey } from "#lib/certificate/algorithms";
import { issueX509 } from "#lib/certificate/certificate";
import {
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  dnsNames,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  type NewExtension,
  type PermittedNames,
  permittedNames,
  subjectKeyIdentifier,
} from "#lib/certificate/extensions";
import { type DistinguishedName, writeName } from "#lib/certificate/name";
import { utf8 } from "#lib/crypto/bytes";
import { writeDistributionPoint } from "#lib/revocation/write-revocation-list";
import { EXTENSION } from "#lib/x509/extensions";
import { HELD_BY_HOLDER_POLICY, HELD_BY_NODE_POLICY, PROFILES, type ProfileName } from "./profiles.ts";

/** 127 random bits: unique without a counter, and unguessable before signing (RFC 5280 §4.1.2.2). */
const SERIAL_BYTES = 16;

/** RFC 5280 §4.2.2.1. */
const STATUS_ACCESS = "1.3.6.1.5.5.7.48.1";
const ISSUER_ACCESS = "1.3.6.1.5.5.7.48.2";
const URI_TAG = 0x86;

/** Where whoever relies on a certificate finds its issuer and its status. */
export interface StatusPointers {
  readonly statusUrl?: string;
  readonly issuerUrl: string;
  readonly listUrl: string;
}

/** Whom a certificate names. `serialNumber` is an opaque identifier, never an identity number. */
export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  readonly serialNumber?: string;
  /** Of holders in a province whose authority may certify no others. */
  readonly province?: string;
}

/** Who keeps the private key: the policies of signing certificates say so. */
export type KeyHolding = "node" | "holder";

export interface CertificateRequest {
  readonly profile: ProfileName;
  readonly subject: Subject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
  readonly notBefore: Temporal.Instant;
  /** Where the certificate's status is found. */
  readonly pointers?: StatusPointers;
  /** DNS names, for a node. */
  readonly hosts?: readonly string[];
  /** For an authority: the names that it may certify. */
  readonly permitted?: PermittedNames;
  /** Who keeps a signing key; default the node. */
  readonly heldBy?: KeyHolding;
  /** Who issues; a root names itself. */
  readonly issuer: {
    /** DER. */
    readonly name: Uint8Array;
    /** As the issuer's own certificate states it; a root's is that of its key. */
    readonly keyId?: Uint8Array;
    /** The last moment at which the issuer can vouch: nobody's certificate outlives it. */
    readonly notAfter?: Temporal.Instant;
    /** Default ES256. */
    readonly algorithm?: CertificateAlgorithm;
    readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
  };
}

/** Issues a certificate and gives its DER. @throws {RangeError} when a name is empty or too long */
export async function issueCertificate(request: CertificateRequest): Promise<Uint8Array> {
  const { issuer, notBefore } = request;
  const wanted = notBefore.toZonedDateTimeISO("UTC").add({ years: PROFILES[request.profile].validYears }).toInstant();
  const outlives = issuer.notAfter !== undefined && Temporal.Instant.compare(issuer.notAfter, wanted) < 0;
  return await issueX509(
    {
      serial: randomSerial(),
      algorithm: issuer.algorithm ?? "ES256",
      issuer: issuer.name,
      subject: writeSubject(request.subject),
      notBefore,
      notAfter: outlives ? issuer.notAfter : wanted,
      publicKey: readPublicKey(request.publicKeyInfo),
      extensions: extensions(request),
    },
    issuer.sign,
  );
}

/** A distinguished name, DER. @throws {RangeError} */
export function writeSubject(subject: Subject): Uint8Array {
  const name: DistinguishedName = { country: "CN", ...subject };
  return writeName(name);
}

function extensions({
  profile: name,
  publicKeyInfo,
  issuer,
  pointers,
  hosts = [],
  permitted,
  heldBy = "node",
}: CertificateRequest): NewExtension[] {
  const profile = PROFILES[name];
  const keyId = keyIdentifier(readPublicKey(publicKeyInfo));
  const list = [subjectKeyIdentifier(keyId), authorityKeyIdentifier(issuer.keyId ?? keyId), keyUsage(profile.keyUsage)];
  if (profile.authority !== false) list.push(basicConstraints(true, profile.authority.pathLength));
  if (profile.extendedKeyUses.length > 0) list.push(extendedKeyUsage(profile.extendedKeyUses, profile.usesAreCritical));
  const policies = [...profile.policies, ...(profile.signs === true ? [HOLDING_POLICIES[heldBy]] : [])];
  if (policies.length > 0) list.push(certificatePolicies(policies));
  if (permitted !== undefined) list.push(permittedNames(permitted));
  if (profile.noStatus === true) list.push({ id: EXTENSION.ocspNoCheck, critical: false, value: writeDer(TAG.null) });
  else if (pointers !== undefined) list.push(...statusPointers(pointers));
  if (hosts.length > 0) list.push(dnsNames(hosts));
  return list;
}

const HOLDING_POLICIES: Readonly<Record<KeyHolding, string>> = {
  node: HELD_BY_NODE_POLICY,
  holder: HELD_BY_HOLDER_POLICY,
};

function statusPointers({ statusUrl, issuerUrl, listUrl }: StatusPointers): NewExtension[] {
  const access = (method: string, url: string) =>
    writeDer(TAG.sequence, writeOid(method), writeDer(URI_TAG, utf8(url)));
  const places = [
    ...(statusUrl === undefined ? [] : [access(STATUS_ACCESS, statusUrl)]),
    access(ISSUER_ACCESS, issuerUrl),
  ];
  return [
    { id: EXTENSION.authorityInfoAccess, critical: false, value: writeDer(TAG.sequence, ...places) },
    { id: EXTENSION.crlDistributionPoints, critical: false, value: writeDistributionPoint(listUrl) },
  ];
}

function randomSerial(): Uint8Array {
  const serial = randomBytes(SERIAL_BYTES);
  // Positive and with the first bit but one set: never a leading zero octet, always the same length.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}
