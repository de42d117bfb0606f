/**
 * What each kind of certificate may do (RFC 5280 §4.2). A certificate does one thing: a person's key cannot seal for an
 * authority, an authority's seal cannot open a connection.
 */
import { DOCUMENT_SIGNING_USE } from "#kernel/documents/pdf-seal-verification";
import { STATUS_SIGNING_USE } from "#lib/revocation/status-answer";
import { TIME_STAMPING_USE } from "#lib/time-stamp/token";
import type { KeyUse } from "#lib/x509/extensions";

/** Policies and uses of our own stand under a UUID (ITU-T X.667), which needs no registration. */
const ARC = "2.25.7786914701326341539299527814196259909";

export const SEAL_POLICY = `${ARC}.1.1`;
export const OFFICIAL_POLICY = `${ARC}.1.2`;
export const PERSON_POLICY = `${ARC}.1.3`;
export const NODE_POLICY = `${ARC}.1.4`;
/** Under which time stamps are given, and certificates of those who give them. */
export const STAMP_POLICY = `${ARC}.1.5`;

/** Keys held by the node on the signer's behalf, opened by the signer's session: the first level of assurance. */
export const HELD_BY_NODE_POLICY = `${ARC}.2.1`;

/** Signing an application or a record; not a document seal. */
export const RECORD_SIGNING_USE = `${ARC}.3.1`;

const SERVER_USE = "1.3.6.1.5.5.7.3.1";
const CLIENT_USE = "1.3.6.1.5.5.7.3.2";

export type ProfileName = "root" | "issuer" | "seal" | "official" | "person" | "node" | "status" | "stamp";

export interface Profile {
  readonly validYears: number;
  readonly authority: false | { readonly pathLength: number };
  readonly keyUsage: readonly KeyUse[];
  readonly extendedKeyUses: readonly string[];
  readonly policies: readonly string[];
  /** Software that does not know what the key is for must refuse it (RFC 3161 §2.3). */
  readonly usesAreCritical?: true;
  /** Nobody answers for whoever answers (RFC 6960 §4.2.2.2.1): it is short-lived instead. */
  readonly noStatus?: true;
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  root: {
    validYears: 30,
    authority: { pathLength: 1 },
    keyUsage: ["keyCertSign", "crlSign"],
    extendedKeyUses: [],
    policies: [],
  },
  issuer: {
    validYears: 20,
    authority: { pathLength: 0 },
    keyUsage: ["keyCertSign", "crlSign"],
    extendedKeyUses: [],
    policies: [],
  },
  // A licence is valid for five years; its seal must still verify on the last day, though the seal was near its own end.
  seal: {
    validYears: 10,
    authority: false,
    keyUsage: ["digitalSignature", "nonRepudiation"],
    extendedKeyUses: [DOCUMENT_SIGNING_USE],
    policies: [SEAL_POLICY],
  },
  official: {
    validYears: 3,
    authority: false,
    keyUsage: ["digitalSignature", "nonRepudiation"],
    extendedKeyUses: [RECORD_SIGNING_USE],
    policies: [OFFICIAL_POLICY, HELD_BY_NODE_POLICY],
  },
  person: {
    validYears: 3,
    authority: false,
    keyUsage: ["digitalSignature", "nonRepudiation"],
    extendedKeyUses: [RECORD_SIGNING_USE],
    policies: [PERSON_POLICY, HELD_BY_NODE_POLICY],
  },
  node: {
    validYears: 1,
    authority: false,
    keyUsage: ["digitalSignature"],
    extendedKeyUses: [SERVER_USE, CLIENT_USE],
    policies: [NODE_POLICY],
  },
  status: {
    validYears: 1,
    authority: false,
    keyUsage: ["digitalSignature"],
    extendedKeyUses: [STATUS_SIGNING_USE],
    policies: [],
    noStatus: true,
  },
  // A stamp proves that something existed while this certificate was valid: the longer, the later it must be renewed.
  stamp: {
    validYears: 10,
    authority: false,
    keyUsage: ["digitalSignature"],
    extendedKeyUses: [TIME_STAMPING_USE],
    policies: [STAMP_POLICY],
    usesAreCritical: true,
  },
});
