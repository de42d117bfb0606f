import {
  childAt,
  type DerElement,
  DerError,
  expectChildren,
  expectTag,
  readDer,
  readOid,
  readSmallInteger,
  TAG,
} from "../asn1/der.ts";
import { type GeneralName, readGeneralNames } from "./general-name.ts";
import { type NameConstraints, readNameConstraints } from "./name-constraints.ts";

const LIST_MAX = 128;

export const EXTENSION = Object.freeze({
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  crlDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  authorityKeyId: "2.5.29.35",
  policyConstraints: "2.5.29.36",
  extendedKeyUse: "2.5.29.37",
  freshestCrl: "2.5.29.46",
  inhibitAnyPolicy: "2.5.29.54",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  ocspNoCheck: "1.3.6.1.5.5.7.48.1.5",
});

/** Bit numbers of keyUsage (RFC 5280 §4.2.1.3). */
export const KEY_USE = Object.freeze({
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  crlSign: 6,
});
export type KeyUse = keyof typeof KEY_USE;

export interface Extension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

export interface PolicyConstraints {
  readonly requireExplicitPolicy: number | undefined;
  readonly inhibitPolicyMapping: number | undefined;
}

/** The extensions that validation reads (RFC 5280 §4.2.1). */
export interface KnownExtensions {
  readonly isAuthority: boolean;
  /** How many authorities may stand below this one; undefined without a limit. */
  readonly pathLength: number | undefined;
  /** Undefined where the certificate does not restrict what its key does. */
  readonly keyUses: ReadonlySet<KeyUse> | undefined;
  readonly extendedKeyUses: readonly string[] | undefined;
  readonly alternativeNames: readonly GeneralName[];
  readonly nameConstraints: NameConstraints | undefined;
  readonly policies: readonly string[] | undefined;
  readonly policyMappings: readonly { readonly issuer: string; readonly subject: string }[];
  readonly policyConstraints: PolicyConstraints;
  readonly inhibitAnyPolicy: number | undefined;
  /** Hexadecimal. */
  readonly subjectKeyId: string | undefined;
  readonly authorityKeyId: string | undefined;
}

/** The members of an Extensions sequence by their identifier. @throws {DerError} */
export function readExtensionList(list: DerElement): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>();
  for (const extension of bounded(list)) {
    const [id, ...rest] = expectTag(extension, TAG.sequence).children;
    const value = rest.pop();
    const flag = rest.pop();
    if (id === undefined || value === undefined || rest.length > 0) throw new DerError("not an extension");
    if (flag !== undefined) expectTrue(flag);
    const name = readOid(id);
    if (found.has(name)) throw new DerError("an extension stands twice");
    found.set(name, { critical: flag !== undefined, value: expectTag(value, TAG.octetString).content });
  }
  return found;
}

/** FALSE is the default, which DER does not write. */
function expectTrue(flag: DerElement): void {
  const [octet, ...more] = expectTag(flag, TAG.boolean).content;
  if (octet !== 0xff || more.length > 0) throw new DerError("a truth value that is not DER");
}

/** @throws {DerError} */
export function readKnownExtensions(extensions: ReadonlyMap<string, Extension>): KnownExtensions {
  const read = <Result>(id: string, reader: (value: Uint8Array) => Result): Result | undefined => {
    const extension = extensions.get(id);
    return extension === undefined ? undefined : reader(extension.value);
  };
  const basic = read(EXTENSION.basicConstraints, readBasicConstraints);
  return {
    isAuthority: basic?.isAuthority ?? false,
    pathLength: basic?.pathLength,
    keyUses: read(EXTENSION.keyUsage, readKeyUses),
    extendedKeyUses: read(EXTENSION.extendedKeyUse, (value) => bounded(readDer(value)).map(readOid)),
    alternativeNames: read(EXTENSION.subjectAltName, readGeneralNames) ?? [],
    nameConstraints: read(EXTENSION.nameConstraints, readNameConstraints),
    policies: read(EXTENSION.certificatePolicies, readPolicies),
    policyMappings: read(EXTENSION.policyMappings, readMappings) ?? [],
    policyConstraints: read(EXTENSION.policyConstraints, readPolicyConstraints) ?? {
      requireExplicitPolicy: undefined,
      inhibitPolicyMapping: undefined,
    },
    inhibitAnyPolicy: read(EXTENSION.inhibitAnyPolicy, (value) => readSmallInteger(readDer(value))),
    subjectKeyId: read(EXTENSION.subjectKeyId, (value) => expectTag(readDer(value), TAG.octetString).content.toHex()),
    authorityKeyId: read(EXTENSION.authorityKeyId, readAuthorityKeyId),
  };
}

function readBasicConstraints(value: Uint8Array): { isAuthority: boolean; pathLength: number | undefined } {
  const parts = [...expectTag(readDer(value), TAG.sequence).children];
  const flag = parts[0]?.tag === TAG.boolean ? parts.shift() : undefined;
  if (flag !== undefined) expectTrue(flag);
  const limit = parts.shift();
  if (parts.length > 0 || (limit !== undefined && flag === undefined)) throw new DerError("not basic constraints");
  return { isAuthority: flag !== undefined, pathLength: limit && readSmallInteger(limit) };
}

function readKeyUses(value: Uint8Array): ReadonlySet<KeyUse> {
  const [unused = 8, ...octets] = expectTag(readDer(value), TAG.bitString).content;
  if (unused > 7 || octets.length === 0 || octets.length > 2) throw new DerError("not a key usage");
  const names = Object.entries(KEY_USE) as [KeyUse, number][];
  return new Set(
    names.filter(([, bit]) => ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0).map(([name]) => name),
  );
}

function readPolicies(value: Uint8Array): readonly string[] {
  const ids = bounded(readDer(value)).map((policy) => readOid(childAt(policy, 0)));
  if (new Set(ids).size !== ids.length) throw new DerError("a policy stands twice");
  return ids;
}

function readMappings(value: Uint8Array): KnownExtensions["policyMappings"] {
  return bounded(readDer(value)).map((pair) => ({
    issuer: readOid(childAt(expectChildren(pair, 2), 0)),
    subject: readOid(childAt(pair, 1)),
  }));
}

function readPolicyConstraints(value: Uint8Array): PolicyConstraints {
  const parts = bounded(readDer(value));
  if (parts.some(({ tag }) => tag !== 0x80 && tag !== 0x81)) throw new DerError("not policy constraints");
  const number = (tag: number) => {
    const found = parts.find((part) => part.tag === tag);
    return found && readSmallInteger({ ...found, tag: TAG.integer });
  };
  return { requireExplicitPolicy: number(0x80), inhibitPolicyMapping: number(0x81) };
}

function readAuthorityKeyId(value: Uint8Array): string | undefined {
  const { children } = expectTag(readDer(value), TAG.sequence);
  return children.find(({ tag }) => tag === 0x80)?.content.toHex();
}

function bounded(list: DerElement): readonly DerElement[] {
  expectTag(list, TAG.sequence);
  if (list.children.length === 0 || list.children.length > LIST_MAX) throw new DerError("an empty list, or too long");
  return list.children;
}
