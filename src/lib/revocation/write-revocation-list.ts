import { TAG, writeDer, writeOid, writeSmallInteger } from "#lib/asn1/der";
import { writeUnsignedInteger } from "#lib/asn1/integer";
import { type CertificateAlgorithm, writeAlgorithm } from "#lib/certificate/algorithms";
import { authorityKeyIdentifier, type NewExtension, writeExtensions } from "#lib/certificate/extensions";
import { writeTime } from "#lib/certificate/time";
import { utf8 } from "#lib/crypto/bytes";
import { EXTENSION } from "#lib/x509/extensions";
import { REVOCATION_REASONS, type Revocation } from "./reason.ts";
import { LIST_EXTENSION, LIST_MAX_ENTRIES } from "./revocation-list.ts";

const ENUMERATED = 0x0a;
const URI_TAG = 0x86;

/** What a list says. */
export interface ListContent {
  readonly algorithm: CertificateAlgorithm;
  /** DER, as the issuer's certificate has its subject. */
  readonly issuer: Uint8Array;
  readonly issuerKeyId: Uint8Array;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  /** Grows with every list of this issuer, delta or not. */
  readonly number: bigint;
  /** Makes it a delta: the number of the whole list from which it counts. */
  readonly deltaOf?: bigint;
  /** Where a whole list's deltas are found. */
  readonly freshestUrl?: string;
  readonly revoked: Iterable<readonly [serial: string, Revocation]>;
}

/** The part of a list that its issuer signs; `writeSigned` of lib/certificate completes it. @throws {RangeError} for too many entries */
export function writeListPart(content: ListContent): Uint8Array {
  const entries = [...content.revoked].map(([serial, revocation]) => writeEntry(serial, revocation));
  if (entries.length > LIST_MAX_ENTRIES) throw new RangeError(`a list has at most ${LIST_MAX_ENTRIES} entries`);
  return writeDer(
    TAG.sequence,
    writeSmallInteger(1),
    writeAlgorithm(content.algorithm),
    content.issuer,
    time(content.thisUpdateMs),
    time(content.nextUpdateMs),
    ...(entries.length === 0 ? [] : [writeDer(TAG.sequence, ...entries)]),
    writeDer(0xa0, writeExtensions(extensions(content))),
  );
}

function writeEntry(serial: string, { atMs, reason }: Revocation): Uint8Array {
  const parts = [writeUnsignedInteger(Uint8Array.fromHex(serial)), time(atMs)];
  if (reason !== "unspecified") {
    // Unspecified is what a reader takes when nothing is said, and is not to be written (RFC 5280 §5.3.1).
    const value = writeDer(ENUMERATED, Uint8Array.of(REVOCATION_REASONS[reason]));
    const extension = writeDer(TAG.sequence, writeOid(LIST_EXTENSION.reason), writeDer(TAG.octetString, value));
    parts.push(writeDer(TAG.sequence, extension));
  }
  return writeDer(TAG.sequence, ...parts);
}

function extensions({ issuerKeyId, number, deltaOf, freshestUrl }: ListContent): NewExtension[] {
  const list = [
    authorityKeyIdentifier(issuerKeyId),
    { id: LIST_EXTENSION.number, critical: false, value: writeNumber(number) },
  ];
  if (deltaOf !== undefined) list.push({ id: LIST_EXTENSION.deltaOf, critical: true, value: writeNumber(deltaOf) });
  if (freshestUrl !== undefined) {
    list.push({ id: EXTENSION.freshestCrl, critical: false, value: writeDistributionPoint(freshestUrl) });
  }
  return list;
}

/** CRLDistributionPoints with one full name (RFC 5280 §4.2.1.13). */
export function writeDistributionPoint(url: string): Uint8Array {
  const name = writeDer(0xa0, writeDer(0xa0, writeDer(URI_TAG, utf8(url))));
  return writeDer(TAG.sequence, writeDer(TAG.sequence, name));
}

function writeNumber(number: bigint): Uint8Array {
  const digits = number.toString(16);
  return writeUnsignedInteger(Uint8Array.fromHex(digits.length % 2 === 0 ? digits : `0${digits}`));
}

function time(atMs: number): Uint8Array {
  return writeTime(Temporal.Instant.fromEpochMilliseconds(atMs));
}
