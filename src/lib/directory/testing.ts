/** Small directories for tests: keys from numbers, editions in a chain. */
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { text } from "#lib/language/text";
import { formatSuiteVerifierKey, suiteNoteVerifier } from "#lib/merkle/suite-note";
import type { AuthorityEntry, KnownPart, NodeEntry, PartDocument, SignedPart } from "./entries.ts";
import { knownPart, type OpenedPart, type PartSigner, readNote, signPart } from "./part.ts";

export const ISSUED = "2026-11-01T00:00:00Z";
export const NOW = "2026-11-15T00:00:00.123Z";
export const UNTIL = "2026-12-01T00:00:00Z";
const NAME = text("样本", "Sample");

/** A signer of a name, the same for the same number. */
export function signerOf(name: string, number = 1): PartSigner {
  return { name, key: ed25519FromSeed(new Uint8Array(32).fill(number)) };
}

export function verifierKeyOf({ name, key }: PartSigner): string {
  if (key.algorithm !== "EdDSA") throw new TypeError("tests sign with Ed25519");
  return formatSuiteVerifierKey(suiteNoteVerifier(name, publicKeyOf(key)));
}

export function documentOf(division: string, said: Partial<PartDocument> = {}): PartDocument {
  return {
    division,
    nodes: [],
    hostings: [],
    authorities: [],
    renumberings: [],
    anchors: [],
    delegations: [],
    ...said,
  };
}

export function nodeOf(code: string, division: string, said: Partial<NodeEntry> = {}): NodeEntry {
  return {
    code,
    name: NAME,
    zone: "extranet",
    division,
    above: division === "000000" ? undefined : "centre",
    exchange: `https://${code}.example:8443`,
    certificates: [],
    signingKeys: [],
    sealingKeys: [],
    logKeys: [],
    state: "active",
    ...said,
  };
}

export function authorityOf(number: number, division: string, said: Partial<AuthorityEntry> = {}): AuthorityEntry {
  return {
    id: authorityId(number),
    code: `A-${number}`,
    name: NAME,
    division,
    branch: "government",
    state: "active",
    ...said,
  };
}

export function authorityId(number: number): string {
  return `00000000-0000-4000-8000-${`${number}`.padStart(12, "0")}`;
}

export interface Edition {
  readonly document: PartDocument;
  /** Whoever signs, and whose keys the head names unless `keys` says others. */
  readonly signers: readonly PartSigner[];
  readonly keys?: readonly string[];
  readonly until?: string;
}

/** The first edition, or the one after another. */
export function editionOf({ document, signers, keys, until = UNTIL }: Edition, before?: SignedPart): SignedPart {
  const last = before === undefined ? undefined : readNote(before.note);
  const head = {
    version: (last?.head.version ?? 0) + 1,
    previous: last?.digest,
    issued: ISSUED,
    until,
    keys: keys ?? signers.map(verifierKeyOf),
  };
  return signPart(document, head, signers);
}

/** What a node knows that opened these. */
export function knownOf(parts: readonly OpenedPart[]): Map<string, KnownPart> {
  return new Map(parts.map((part) => [part.head.division, knownPart(part)]));
}
