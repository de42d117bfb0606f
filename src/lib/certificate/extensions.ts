/**
 * Writes the extensions of certificates and requests that our profiles have (RFC 5280 §4.2). They are read by lib/x509.
 */
import { TAG, writeDer, writeOid, writeSmallInteger } from "#lib/asn1/der";
import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { EXTENSION, KEY_USE, type KeyUse } from "#lib/x509/extensions";
import { type CertifiedKey, publicKeyBits } from "./algorithms.ts";

/** An extension to be written. */
export interface NewExtension {
  readonly id: string;
  readonly critical: boolean;
  /** The DER inside the OCTET STRING. */
  readonly value: Uint8Array;
}

const KEY_IDENTIFIER_BYTES = 20;

/** Writes the list. */
export function writeExtensions(extensions: readonly NewExtension[]): Uint8Array {
  const written = extensions.map(({ id, critical, value }) => {
    const flag = critical ? [writeDer(TAG.boolean, Uint8Array.of(0xff))] : [];
    return writeDer(TAG.sequence, writeOid(id), ...flag, writeDer(TAG.octetString, value));
  });
  return writeDer(TAG.sequence, ...written);
}

/** 20 bytes of the SHA-256 of a key's bits (RFC 7093 §2, method 1): a name for a key, no protection. */
export function keyIdentifier(key: CertifiedKey): Uint8Array {
  return sha256(publicKeyBits(key)).slice(0, KEY_IDENTIFIER_BYTES);
}

export function subjectKeyIdentifier(identifier: Uint8Array): NewExtension {
  return { id: EXTENSION.subjectKeyId, critical: false, value: writeDer(TAG.octetString, identifier) };
}

export function authorityKeyIdentifier(identifier: Uint8Array): NewExtension {
  const value = writeDer(TAG.sequence, writeDer(0x80, identifier));
  return { id: EXTENSION.authorityKeyId, critical: false, value };
}

/** @param pathLength how many authorities may stand below this one; none said: any number */
export function basicConstraints(authority: boolean, pathLength?: number): NewExtension {
  const parts = authority ? [writeDer(TAG.boolean, Uint8Array.of(0xff))] : [];
  if (authority && pathLength !== undefined) parts.push(writeSmallInteger(pathLength));
  return { id: EXTENSION.basicConstraints, critical: true, value: writeDer(TAG.sequence, ...parts) };
}

/** @throws {RangeError} when no use is named */
export function keyUsage(uses: readonly KeyUse[]): NewExtension {
  const bits = uses.map((use) => KEY_USE[use]);
  if (bits.length === 0) throw new RangeError("a key has at least one use");
  const last = Math.max(...bits);
  const octets = new Uint8Array(2 + (last >> 3));
  octets[0] = 7 - (last & 7);
  for (const bit of bits) octets[1 + (bit >> 3)] = (octets[1 + (bit >> 3)] ?? 0) | (0x80 >> (bit & 7));
  return { id: EXTENSION.keyUsage, critical: true, value: writeDer(TAG.bitString, octets) };
}

/** @param uses dotted identifiers */
export function extendedKeyUsage(uses: readonly string[], critical = false): NewExtension {
  return { id: EXTENSION.extendedKeyUse, critical, value: writeDer(TAG.sequence, ...uses.map(writeOid)) };
}

/** @param policies dotted identifiers */
export function certificatePolicies(policies: readonly string[], critical = false): NewExtension {
  const value = writeDer(TAG.sequence, ...policies.map((policy) => writeDer(TAG.sequence, writeOid(policy))));
  return { id: EXTENSION.certificatePolicies, critical, value };
}

/** The names that an authority may certify: of hosts, and holders' distinguished names that begin so. */
export interface PermittedNames {
  /** Domains: `qingyuan.example` stands for itself and all below it. */
  readonly hosts?: readonly string[];
  /** DER, as `writeName` gives it. */
  readonly directories?: readonly Uint8Array[];
}

/** Name constraints (RFC 5280 §4.2.1.10), critical. @throws {RangeError} when nothing is permitted, or a host is none */
export function permittedNames({ hosts = [], directories = [] }: PermittedNames): NewExtension {
  for (const host of hosts) {
    if (!DNS_NAME.test(host) || host.startsWith("*")) throw new RangeError(`${host} is no name of a host`);
  }
  const names = [
    ...hosts.map((host) => writeDer(DNS_TAG, utf8(host))),
    ...directories.map((name) => writeDer(DIRECTORY_TAG, name)),
  ];
  if (names.length === 0) throw new RangeError("constraints permit at least one name");
  const subtrees = writeDer(0xa0, ...names.map((name) => writeDer(TAG.sequence, name)));
  return { id: EXTENSION.nameConstraints, critical: true, value: writeDer(TAG.sequence, subtrees) };
}

/** Whether this is a name of the Domain Name System in ASCII, `*.` before it or not. */
export function isHostName(host: string): boolean {
  return DNS_NAME.test(host);
}

/** @throws {RangeError} when a name is none of the Domain Name System in ASCII */
export function dnsNames(hosts: readonly string[]): NewExtension {
  for (const host of hosts) if (!DNS_NAME.test(host)) throw new RangeError(`${host} is no name of a host`);
  const value = writeDer(TAG.sequence, ...hosts.map((host) => writeDer(DNS_TAG, utf8(host))));
  return { id: EXTENSION.subjectAltName, critical: false, value };
}

const DNS_TAG = 0x82;
const DIRECTORY_TAG = 0xa4;
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const DNS_NAME = new RegExp(`^(?=.{1,253}$)(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);
