/**
 * Writes X.509 version 3 certificates (RFC 5280). The bytes to be signed are made here; the issuer's key signs them
 * wherever it lives.
 */
import { createHash, randomBytes } from "node:crypto";
import { childAt, readBitString, readDer, TAG, writeDer, writeOid, writeSmallInteger } from "#lib/asn1/der";
import { writeDistributionPoint } from "#lib/revocation/write-revocation-list";
import { EXTENSION } from "#lib/x509/extensions";
import { PROFILES, type ProfileName } from "./profiles.ts";

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
/** 127 random bits: unique without a counter, and unguessable before signing (RFC 5280 §4.1.2.2). */
const SERIAL_BYTES = 16;
const MAX_NAME_CHARACTERS = 64;
const NAME_OIDS = Object.freeze({
  country: "2.5.4.6",
  organization: "2.5.4.10",
  serialNumber: "2.5.4.5",
  commonName: "2.5.4.3",
});

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
}

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
  /** The issuer's name and key; a root names itself. */
  readonly issuer: {
    readonly name: Uint8Array;
    readonly publicKeyInfo: Uint8Array;
    /** The last moment at which the issuer can vouch: nobody's certificate outlives it. */
    readonly notAfter?: Temporal.Instant;
    readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
  };
}

/** Issues a certificate and gives its DER. @throws {RangeError} when a name is empty or too long */
export async function issueCertificate(request: CertificateRequest): Promise<Uint8Array> {
  const profile = PROFILES[request.profile];
  const algorithm = writeDer(TAG.sequence, writeOid(ECDSA_WITH_SHA256));
  const wanted = request.notBefore.toZonedDateTimeISO("UTC").add({ years: profile.validYears }).toInstant();
  const limit = request.issuer.notAfter;
  const notAfter = limit !== undefined && Temporal.Instant.compare(limit, wanted) < 0 ? limit : wanted;
  const signedPart = writeDer(
    TAG.sequence,
    writeDer(0xa0, writeSmallInteger(2)),
    writeDer(TAG.integer, randomSerial()),
    algorithm,
    request.issuer.name,
    writeDer(TAG.sequence, writeTime(request.notBefore), writeTime(notAfter)),
    writeSubject(request.subject),
    request.publicKeyInfo,
    writeDer(0xa3, writeDer(TAG.sequence, ...extensions(request))),
  );
  const signature = await request.issuer.sign(signedPart);
  return writeDer(TAG.sequence, signedPart, algorithm, writeDer(TAG.bitString, Uint8Array.of(0), signature));
}

/** A distinguished name, DER. @throws {RangeError} */
export function writeSubject(subject: Subject): Uint8Array {
  const parts: [keyof typeof NAME_OIDS, string | undefined][] = [
    ["country", "CN"],
    ["organization", subject.organization],
    ["serialNumber", subject.serialNumber],
    ["commonName", subject.commonName],
  ];
  const groups = parts.flatMap(([kind, value]) => {
    if (value === undefined) return [];
    if (value === "" || [...value].length > MAX_NAME_CHARACTERS)
      throw new RangeError("a certificate's name is empty or too long");
    // Country and serial number are PrintableString, whatever else is UTF-8 (RFC 5280 appendix A).
    const tag = kind === "country" || kind === "serialNumber" ? TAG.printableString : TAG.utf8String;
    const pair = writeDer(TAG.sequence, writeOid(NAME_OIDS[kind]), writeDer(tag, new TextEncoder().encode(value)));
    return [writeDer(TAG.set, pair)];
  });
  return writeDer(TAG.sequence, ...groups);
}

function extensions(request: CertificateRequest): Uint8Array[] {
  const profile = PROFILES[request.profile];
  const list = [
    extension("2.5.29.14", writeDer(TAG.octetString, keyId(request.publicKeyInfo))),
    extension("2.5.29.35", writeDer(TAG.sequence, writeDer(0x80, keyId(request.issuer.publicKeyInfo)))),
    extension("2.5.29.15", namedBits(profile.keyUsage), true),
  ];
  if (profile.authority !== false) {
    const yes = writeDer(TAG.boolean, Uint8Array.of(0xff));
    list.push(
      extension("2.5.29.19", writeDer(TAG.sequence, yes, writeSmallInteger(profile.authority.pathLength)), true),
    );
  }
  if (profile.extendedKeyUses.length > 0) {
    list.push(
      extension(
        "2.5.29.37",
        writeDer(TAG.sequence, ...profile.extendedKeyUses.map(writeOid)),
        profile.usesAreCritical === true,
      ),
    );
  }
  if (profile.policies.length > 0) {
    const policies = profile.policies.map((policy) => writeDer(TAG.sequence, writeOid(policy)));
    list.push(extension("2.5.29.32", writeDer(TAG.sequence, ...policies)));
  }
  if (profile.noStatus === true) list.push(extension(EXTENSION.ocspNoCheck, writeDer(TAG.null)));
  else if (request.pointers !== undefined) list.push(...pointers(request.pointers));
  if (request.hosts !== undefined && request.hosts.length > 0) {
    const names = request.hosts.map((host) => writeDer(0x82, new TextEncoder().encode(host)));
    list.push(extension("2.5.29.17", writeDer(TAG.sequence, ...names)));
  }
  return list;
}

function pointers({ statusUrl, issuerUrl, listUrl }: StatusPointers): Uint8Array[] {
  const access = (method: string, url: string) =>
    writeDer(TAG.sequence, writeOid(method), writeDer(URI_TAG, new TextEncoder().encode(url)));
  const places = [
    ...(statusUrl === undefined ? [] : [access(STATUS_ACCESS, statusUrl)]),
    access(ISSUER_ACCESS, issuerUrl),
  ];
  return [
    extension(EXTENSION.authorityInfoAccess, writeDer(TAG.sequence, ...places)),
    extension(EXTENSION.crlDistributionPoints, writeDistributionPoint(listUrl)),
  ];
}

function extension(id: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [writeDer(TAG.boolean, Uint8Array.of(0xff))] : [];
  return writeDer(TAG.sequence, writeOid(id), ...flag, writeDer(TAG.octetString, value));
}

// SHA-1 of the key's bits is an identifier here, not a protection (RFC 5280 §4.2.1.2, method 1).
function keyId(publicKeyInfo: Uint8Array): Uint8Array {
  return createHash("sha1")
    .update(readBitString(childAt(readDer(publicKeyInfo), 1)))
    .digest();
}

function namedBits(bits: readonly number[]): Uint8Array {
  const last = Math.max(...bits);
  const octets = new Uint8Array(1 + (last >> 3) + 1);
  octets[0] = 7 - (last & 7);
  for (const bit of bits) octets[1 + (bit >> 3)] = (octets[1 + (bit >> 3)] ?? 0) | (0x80 >> (bit & 7));
  return writeDer(TAG.bitString, octets);
}

function randomSerial(): Uint8Array {
  const serial = randomBytes(SERIAL_BYTES);
  // Positive and with the first bit but one set: never a leading zero octet, always the same length.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

// UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5).
function writeTime(at: Temporal.Instant): Uint8Array {
  const digits = `${at.toString({ smallestUnit: "second" }).replace(/[-:TZ]/g, "")}Z`;
  const utc = Number(digits.slice(0, 4)) < 2050;
  return writeDer(utc ? TAG.utcTime : TAG.generalizedTime, new TextEncoder().encode(utc ? digits.slice(2) : digits));
}

/** DER in PEM (RFC 7468). */
export function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
