/** Chains of certificates for tests: each link says what is unusual about it. Ed25519, so that the same chain has the same bytes. */
import { TAG, writeDer, writeOid, writeSmallInteger } from "#lib/asn1/der";
import type { CertifiedKey } from "#lib/certificate/algorithms";
import { writeCertificatePart, writeSigned } from "#lib/certificate/certificate";
import {
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  keyIdentifier,
  keyUsage,
  type NewExtension,
  subjectKeyIdentifier,
} from "#lib/certificate/extensions";
import { writeName } from "#lib/certificate/name";
import { utf8 } from "#lib/crypto/bytes";
import { international } from "#lib/crypto/international";
import { ed25519FromSeed, type PrivateKey, publicKeyOf } from "#lib/crypto/keys";
import { readX509, type X509Certificate } from "../certificate.ts";
import { EXTENSION, type KeyUse } from "../extensions.ts";

export const NOT_BEFORE = Temporal.Instant.from("2026-01-01T00:00:00Z");
export const NOT_AFTER = Temporal.Instant.from("2030-01-01T00:00:00Z");
export const AT_MS = Temporal.Instant.from("2027-01-01T00:00:00Z").epochMilliseconds;

/** `dns:host`, `email:box`, `ip:hex`, `dir:common name of an organization` as DER. */
export function writeGeneralName(name: string): Uint8Array {
  const [kind = "", value = ""] = name.split(/:(.*)/s);
  if (kind === "dns") return writeDer(0x82, utf8(value));
  if (kind === "email") return writeDer(0x81, utf8(value));
  if (kind === "uri") return writeDer(0x86, utf8(value));
  if (kind === "ip") return writeDer(0x87, Uint8Array.fromHex(value));
  return writeDer(0xa4, writeName({ country: "CN", organization: value }));
}

export function nameConstraints(permitted: readonly string[], excluded: readonly string[] = []): NewExtension {
  const list = (tag: number, names: readonly string[]) =>
    names.length === 0 ? [] : [writeDer(tag, ...names.map((name) => writeDer(TAG.sequence, writeGeneralName(name))))];
  const value = writeDer(TAG.sequence, ...list(0xa0, permitted), ...list(0xa1, excluded));
  return { id: EXTENSION.nameConstraints, critical: true, value };
}

export function alternativeNames(...names: readonly string[]): NewExtension {
  return {
    id: EXTENSION.subjectAltName,
    critical: false,
    value: writeDer(TAG.sequence, ...names.map(writeGeneralName)),
  };
}

export function policyMappings(...pairs: readonly (readonly [string, string])[]): NewExtension {
  const written = pairs.map(([issuer, subject]) => writeDer(TAG.sequence, writeOid(issuer), writeOid(subject)));
  return { id: EXTENSION.policyMappings, critical: true, value: writeDer(TAG.sequence, ...written) };
}

export function policyConstraints(requireExplicitPolicy?: number, inhibitPolicyMapping?: number): NewExtension {
  const number = (tag: number, value: number | undefined) =>
    value === undefined ? [] : [writeDer(tag, Uint8Array.of(value))];
  const value = writeDer(TAG.sequence, ...number(0x80, requireExplicitPolicy), ...number(0x81, inhibitPolicyMapping));
  return { id: EXTENSION.policyConstraints, critical: true, value };
}

export function inhibitAnyPolicy(after: number): NewExtension {
  return { id: EXTENSION.inhibitAnyPolicy, critical: true, value: writeSmallInteger(after) };
}

export const unknownExtension = (critical: boolean): NewExtension => ({
  id: "2.25.7786914701326341539299527814196259909.99",
  critical,
  value: writeDer(TAG.null),
});

/** What is unusual about a certificate. */
export interface Link {
  /** Default: authorities are "A0", "A1" …, the holder "holder". */
  readonly name?: string;
  readonly organization?: string;
  readonly isAuthority?: boolean;
  readonly pathLength?: number;
  readonly keyUses?: readonly KeyUse[];
  readonly policies?: readonly string[];
  readonly extensions?: readonly NewExtension[];
  readonly notBefore?: Temporal.Instant;
  readonly notAfter?: Temporal.Instant;
  /** Default: one that `keyOf` gives. */
  readonly publicKey?: CertifiedKey;
  /** Names another issuer than the one above. */
  readonly issuerName?: string;
  /** Signed with a key that is not the issuer's. */
  readonly isForged?: boolean;
}

interface Issuer {
  readonly name: Uint8Array;
  readonly key: PrivateKey;
  readonly publicKey: CertifiedKey;
}

function nameOf(commonName: string, organization = "演示"): Uint8Array {
  return writeName({ country: "CN", organization, commonName });
}

/** A key of its own for each number, the same in every run. */
export function keyOf(number: number): PrivateKey {
  return ed25519FromSeed(new Uint8Array(32).fill(number + 1));
}

function issue(
  link: Link,
  at: { readonly issuer: Issuer; readonly holder: Issuer; readonly isLast: boolean; readonly number: number },
) {
  const { issuer, holder, isLast } = at;
  const isAuthority = link.isAuthority ?? !isLast;
  const uses = link.keyUses ?? (isAuthority ? ["keyCertSign", "crlSign"] : ["digitalSignature"]);
  const part = writeCertificatePart({
    serial: Uint8Array.of(0x10, at.number),
    algorithm: "EdDSA",
    issuer: link.issuerName === undefined ? issuer.name : nameOf(link.issuerName),
    subject: holder.name,
    notBefore: link.notBefore ?? NOT_BEFORE,
    notAfter: link.notAfter ?? NOT_AFTER,
    publicKey: holder.publicKey,
    extensions: [
      subjectKeyIdentifier(keyIdentifier(holder.publicKey)),
      authorityKeyIdentifier(keyIdentifier(issuer.publicKey)),
      ...(uses.length === 0 ? [] : [keyUsage(uses)]),
      ...(isAuthority ? [basicConstraints(true, link.pathLength)] : []),
      ...(link.policies === undefined ? [] : [certificatePolicies(link.policies)]),
      ...(link.extensions ?? []),
    ],
  });
  const key = link.isForged ? keyOf(200) : issuer.key;
  return readX509(writeSigned(part, "EdDSA", international.sign({ key, message: part, encoding: "der" })));
}

/** @returns the anchor, then the certificates below it to the holder's */
export function makeChain(...links: readonly Link[]): readonly X509Certificate[] {
  const people = [{}, ...links].map((link: Link, at): Issuer => {
    const key = keyOf(at);
    const name = nameOf(link.name ?? (at === links.length ? "holder" : `A${at}`), link.organization);
    return { name, key, publicKey: links[at - 1]?.publicKey ?? publicKeyOf(key) };
  });
  return people.map((holder, at) => {
    const issuer = people[at - 1] ?? holder;
    return issue(links[at - 1] ?? {}, { issuer, holder, number: at, isLast: at > 0 && at === links.length });
  });
}
