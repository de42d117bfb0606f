/**
 * What each kind of certificate may do (RFC 5280 §4.2). A certificate does one thing: a person's key cannot seal for an
 * authority, an authority's seal cannot open a connection.
 */
import { DOCUMENT_SIGNING_USE } from "#kernel/documents/pdf-seal-verification";
import { RECORD_SIGNING_USE } from "#kernel/services/statement";
import { STATUS_SIGNING_USE } from "#lib/revocation/status-answer";
import { TIME_STAMPING_USE } from "#lib/time-stamp/token";
import type { KeyUse } from "#lib/x509/extensions";
import type { IssuingPurpose } from "./purposes.ts";

/** Policies and uses of our own stand under a UUID (ITU-T X.667), which needs no registration. */
const ARC = "2.25.7786914701326341539299527814196259909";

export const SEAL_POLICY = `${ARC}.1.1`;
export const OFFICIAL_POLICY = `${ARC}.1.2`;
export const PERSON_POLICY = `${ARC}.1.3`;
export const NODE_POLICY = `${ARC}.1.4`;
/** Under which time stamps are given, and certificates of those who give them. */
export const STAMP_POLICY = `${ARC}.1.5`;
/** Systems of departments that connect to a node. */
export const SYSTEM_POLICY = `${ARC}.1.6`;
export const CODE_POLICY = `${ARC}.1.7`;

/** Keys held by the node on the signer's behalf, opened by the signer's session: the first level of assurance. */
export const HELD_BY_NODE_POLICY = `${ARC}.2.1`;

/** Keys that their holder made and keeps: the certificate was issued on a request (PKCS #10). */
export const HELD_BY_HOLDER_POLICY = `${ARC}.2.2`;

const SERVER_USE = "1.3.6.1.5.5.7.3.1";
const CLIENT_USE = "1.3.6.1.5.5.7.3.2";
const CODE_SIGNING_USE = "1.3.6.1.5.5.7.3.3";

/** What is issued to those who use their key. */
export type HolderProfileName = "seal" | "official" | "person" | "node" | "system" | "code" | "status" | "stamp";
/** What is issued to those who issue: `region` to a province, whose own authorities stand below it. */
export type AuthorityProfileName = "root" | "region" | `${IssuingPurpose}-issuer`;
export type ProfileName = HolderProfileName | AuthorityProfileName;

export interface Profile {
  readonly validYears: number;
  readonly authority: false | { readonly pathLength: number };
  /** Which authority issues it. A status key is issued by the one that it answers for. */
  readonly issuer?: IssuingPurpose;
  readonly keyUsage: readonly KeyUse[];
  readonly extendedKeyUses: readonly string[];
  readonly policies: readonly string[];
  /** A person's or official's signature: the certificate says who keeps its key. */
  readonly signs?: true;
  /** Software that does not know what the key is for must refuse it (RFC 3161 §2.3). */
  readonly usesAreCritical?: true;
  /** Nobody answers for whoever answers (RFC 6960 §4.2.2.2.1): it is short-lived instead. */
  readonly noStatus?: true;
}

const ISSUER_YEARS = 20;
const HOLDINGS = [HELD_BY_NODE_POLICY, HELD_BY_HOLDER_POLICY];

/** An authority certifies holders of its purpose, and the key that answers for them; no authority stands below it. */
function issuerOf(uses: readonly string[], policies: readonly string[]): Profile {
  return {
    validYears: ISSUER_YEARS,
    authority: { pathLength: 0 },
    keyUsage: ["keyCertSign", "crlSign"],
    extendedKeyUses: [...uses, STATUS_SIGNING_USE],
    policies: [...policies, ...HOLDINGS],
  };
}

/** Signatures that somebody answers for. */
const SIGNS = { authority: false, keyUsage: ["digitalSignature", "nonRepudiation"] } as const;
const CONNECTS = { authority: false, keyUsage: ["digitalSignature"] } as const;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  // Two authorities deep: a province, and below it its authority for a purpose.
  root: {
    validYears: 30,
    authority: { pathLength: 2 },
    keyUsage: ["keyCertSign", "crlSign"],
    extendedKeyUses: [],
    policies: [],
  },
  region: {
    validYears: 25,
    authority: { pathLength: 1 },
    keyUsage: ["keyCertSign", "crlSign"],
    extendedKeyUses: [],
    policies: [
      ...[SEAL_POLICY, OFFICIAL_POLICY, PERSON_POLICY, NODE_POLICY, STAMP_POLICY, SYSTEM_POLICY, CODE_POLICY],
      ...HOLDINGS,
    ],
  },
  "node-issuer": issuerOf([SERVER_USE, CLIENT_USE], [NODE_POLICY, SYSTEM_POLICY]),
  "seal-issuer": issuerOf([DOCUMENT_SIGNING_USE], [SEAL_POLICY]),
  "official-issuer": issuerOf([RECORD_SIGNING_USE], [OFFICIAL_POLICY]),
  "person-issuer": issuerOf([RECORD_SIGNING_USE], [PERSON_POLICY]),
  "code-issuer": issuerOf([CODE_SIGNING_USE], [CODE_POLICY]),
  "stamp-issuer": issuerOf([TIME_STAMPING_USE], [STAMP_POLICY]),
  // A licence is valid for five years; its seal must still verify on the last day, though the seal was near its own end.
  seal: {
    validYears: 10,
    issuer: "seal",
    ...SIGNS,
    extendedKeyUses: [DOCUMENT_SIGNING_USE],
    policies: [SEAL_POLICY],
  },
  official: {
    validYears: 3,
    issuer: "official",
    ...SIGNS,
    signs: true,
    extendedKeyUses: [RECORD_SIGNING_USE],
    policies: [OFFICIAL_POLICY],
  },
  person: {
    validYears: 3,
    issuer: "person",
    ...SIGNS,
    signs: true,
    extendedKeyUses: [RECORD_SIGNING_USE],
    policies: [PERSON_POLICY],
  },
  node: {
    validYears: 1,
    issuer: "node",
    ...CONNECTS,
    extendedKeyUses: [SERVER_USE, CLIENT_USE],
    policies: [NODE_POLICY],
  },
  system: { validYears: 1, issuer: "node", ...CONNECTS, extendedKeyUses: [CLIENT_USE], policies: [SYSTEM_POLICY] },
  code: { validYears: 3, issuer: "code", ...CONNECTS, extendedKeyUses: [CODE_SIGNING_USE], policies: [CODE_POLICY] },
  status: { validYears: 1, ...CONNECTS, extendedKeyUses: [STATUS_SIGNING_USE], policies: [], noStatus: true },
  // A stamp proves that something existed while this certificate was valid: the longer, the later it must be renewed.
  stamp: {
    validYears: 10,
    issuer: "stamp",
    ...CONNECTS,
    extendedKeyUses: [TIME_STAMPING_USE],
    policies: [STAMP_POLICY],
    usesAreCritical: true,
  },
});
