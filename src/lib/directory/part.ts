/** Signing one part and opening it: who signed, whether it leads on from what is known, whether it is still good. */
import type { SigningKey } from "#lib/crypto/suite";
import { formatNote, parseNote } from "#lib/merkle/note";
import { openSuiteNote, parseSuiteVerifierKey, suiteNoteSignature } from "#lib/merkle/suite-note";
import { documentDigest, readDocument, writeDocument } from "./document.ts";
import type { KnownPart, PartDocument, PartHead, SignedPart } from "./entries.ts";
import { formatHead, headDigest, parseHead } from "./head.ts";
import { type DirectoryRefusal, refused } from "./refusal.ts";

/** Enough for a version an hour through a year. */
export const CHAIN_LENGTH_MAX = 10_000;

/** A key that signs parts, under the name of the signer. */
export interface PartSigner {
  readonly name: string;
  readonly key: SigningKey;
  /** Up to 64 random bytes, for SM2. */
  readonly randomness?: Uint8Array | undefined;
}

/** An edition before it is signed. */
export interface DraftPart {
  /** Of the head: what is signed. */
  readonly text: string;
  readonly document: string;
}

/**
 * Writes one edition of a part.
 * @throws {RangeError} where document or head break a rule
 */
export function writePart(document: PartDocument, head: Omit<PartHead, "division" | "document">): DraftPart {
  const written = writeDocument(document);
  const text = formatHead({ ...head, division: document.division, document: documentDigest(written) });
  return { text, document: written };
}

/** Writes one edition of a part and signs it. @throws {RangeError} where document or head break a rule */
export function signPart(
  document: PartDocument,
  head: Omit<PartHead, "division" | "document">,
  signers: readonly PartSigner[],
): SignedPart {
  const { text, document: written } = writePart(document, head);
  const signatures = signers.map(({ name, key, randomness }) =>
    suiteNoteSignature({ text, name, key, ...(randomness !== undefined && { randomness }) }),
  );
  return { note: formatNote({ text, signatures }), document: written };
}

/** A part that is believed. */
export interface OpenedPart {
  readonly kind: "opened";
  readonly head: PartHead;
  /** Of the head. */
  readonly digest: string;
  readonly document: PartDocument;
}

export interface PartTrust {
  readonly division: string;
  /** Verifier keys: of the anchor or the delegation. */
  readonly keys: readonly string[];
  /** The centre's frame names its own next keys; a province's are named by the frame. */
  readonly namesNextKeys: boolean;
  readonly known: KnownPart | undefined;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** Opens one part. Expired parts are refused with `expired`, after everything else was found in order. */
export function openPart(part: SignedPart, trust: PartTrust): OpenedPart | DirectoryRefusal {
  const { division, known, now } = trust;
  const read = readNote(part.note);
  if (read === undefined || read.head.division !== division) return refused("malformed", division, "head");
  const { head, digest } = read;
  const subject = `${head.version}`;
  if (known !== undefined && head.version < known.version) return refused("rolled-back", division, subject);
  const broken = known === undefined ? undefined : followChain(part, trust, known);
  if (broken !== undefined) return broken;
  const keys = trust.namesNextKeys && known !== undefined ? known.keys : trust.keys;
  const isLed = known !== undefined && trust.namesNextKeys && head.version > known.version; // its chain was followed
  if (!isLed && !isSignedBy(part.note, keys)) return refused("unsigned", division, subject);
  if (trust.namesNextKeys && !isSignedBy(part.note, head.keys)) return refused("unsigned", division, subject);
  const document = documentDigest(part.document) === head.document ? readDocument(part.document) : undefined;
  if (document === undefined || document.division !== division) return refused("malformed", division, "document");
  if (Date.parse(head.until) <= Date.parse(now)) return refused("expired", division, head.until);
  return { kind: "opened", head, digest, document };
}

/** What a node remembers of a part that it took. */
export function knownPart({ head, digest, document }: OpenedPart): KnownPart {
  return { version: head.version, digest, keys: head.keys, document };
}

interface ReadNote {
  readonly note: string;
  readonly head: PartHead;
  readonly digest: string;
}

/** A note's head and its digest, its signatures unseen. */
export function readNote(note: string): ReadNote | undefined {
  const text = parseNote(note)?.text;
  const head = text === undefined ? undefined : parseHead(text);
  return text === undefined || head === undefined ? undefined : { note, head, digest: headDigest(text) };
}

/**
 * Whether one signer signed with all his keys. Keys of one name are one signer's: whoever breaks one suite, or strips the
 * signature that he cannot forge, has not signed.
 */
export function isSignedBy(note: string, keys: readonly string[]): boolean {
  const verifiers = keys.flatMap((line) => parseSuiteVerifierKey(line) ?? []);
  const signedBy = new Set(openSuiteNote(note, verifiers)?.signedBy);
  const signers = Map.groupBy(verifiers, ({ name }) => name);
  return signers.values().some((all) => all.every((one) => signedBy.has(one)));
}

/** From the version that is known to this one, each naming the one before; a frame's each signed by the keys before. */
function followChain(part: SignedPart, trust: PartTrust, known: KnownPart): DirectoryRefusal | undefined {
  const { division, namesNextKeys } = trust;
  const notes = [...(part.between ?? []), part.note];
  if (notes.length > CHAIN_LENGTH_MAX) return refused("broken-chain", division, `${notes.length}`);
  let last: KnownPart = known;
  for (const note of notes) {
    const step = readNote(note);
    if (step === undefined || step.head.division !== division) return refused("malformed", division, "head");
    const { head, digest } = step;
    if (head.version < known.version) continue;
    if (head.version === last.version) {
      if (digest !== last.digest) return refused("forked", division, `${head.version}`);
      continue;
    }
    if (head.version !== last.version + 1) return refused("broken-chain", division, `${head.version}`);
    if (head.previous !== last.digest) {
      return refused(last === known ? "forked" : "broken-chain", division, `${head.version}`);
    }
    if (namesNextKeys && !(isSignedBy(note, last.keys) && isSignedBy(note, head.keys))) {
      return refused("unsigned", division, `${head.version}`);
    }
    last = { version: head.version, digest, keys: head.keys };
  }
  return undefined;
}
