import { toBase64url } from "#lib/crypto/base64url";
import { sha256Base64url, sha256Into } from "#lib/crypto/digest";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { HASH_SIZE_BYTES, leafHash } from "#lib/merkle/hash";
import { Fault } from "../errors/fault.ts";
import { randomBytes } from "../random.ts";
import { contentText, leafText, partText } from "./canonical-text.ts";
import { distinct, sealText, sealTexts, writtenText } from "./content.ts";
import type { LedgerEntry, SubjectPart } from "./entry.ts";
import { actorPseudonym, type LedgerKeys, pseudonym } from "./keys.ts";
import { CONTENT_MAX_BYTES, ENTRY_MAX_SUBJECTS } from "./limits.ts";

const SALT_BYTES = 16;

/** An entry in the form in which the database keeps it. */
export interface EncodedEntry {
  readonly leaf: Buffer;
  readonly sealed: Buffer;
  readonly actor: Buffer;
  readonly caseRef: Buffer | null;
  readonly subjects: readonly Buffer[];
  readonly withheldUntil: string | null;
}

/**
 * Splits entries into their public leaves and their sealed contents.
 * @throws ERR_LEDGER_ENTRY
 */
export function encodeEntries(entries: readonly LedgerEntry[], keys: LedgerKeys): readonly EncodedEntry[] {
  const open = entries.map((entry) => split(entry, keys));
  const [first] = open;
  const sealed =
    open.length === 1 && first !== undefined
      ? [sealText(first.written, first.encoded.leaf, keys)]
      : sealTexts(open, keys);
  return open.map(({ encoded }, at) => ({ ...encoded, sealed: sealed[at] as Buffer }));
}

interface OpenEntry {
  readonly encoded: Omit<EncodedEntry, "sealed">;
  readonly leafText: string;
  readonly written: string;
}

function split(entry: LedgerEntry, keys: LedgerKeys): OpenEntry {
  if (entry.subjects.length > ENTRY_MAX_SUBJECTS) {
    throw new Fault("ERR_LEDGER_ENTRY", { message: `more than ${ENTRY_MAX_SUBJECTS} subjects` });
  }
  const text = contentText(entry);
  if (text.length > CONTENT_MAX_BYTES) throw new Fault("ERR_LEDGER_ENTRY", { message: "its content is too long" });
  const salt = randomBytes(SALT_BYTES);
  const kept = distinct(entry.subjects).map((part) => ({ part, salt: randomBytes(SALT_BYTES) }));
  const { type, at, room, operation, actor, caseId } = entry;
  const commitment = sha256Base64url(salted(salt, text));
  const subjects = kept.length === 0 ? undefined : { count: kept.length, root: rootOfParts(kept) };
  const leaf = leafText({ v: 1, type, at, room, operation, commitment, ...(subjects && { subjects }) });
  const encoded = {
    leaf: Buffer.from(leaf),
    actor: actorPseudonym(keys, actor),
    caseRef: caseId === undefined ? null : pseudonym(keys, "case", caseId),
    subjects: kept.map(({ part }) => pseudonym(keys, `subject ${part.kind}`, part.id)),
    withheldUntil: entry.secrecy?.reviewOn ?? null,
  };
  return { encoded, leafText: leaf, written: writtenText({ content: { text, salt }, subjects: kept }) };
}

interface SaltedPart {
  readonly part: SubjectPart;
  readonly salt: Uint8Array;
}

/** The root of the subjects' tree, base64url. Of one it is the hash of its leaf. */
function rootOfParts(kept: readonly SaltedPart[]): string {
  const [first] = kept;
  if (kept.length === 1 && first !== undefined) {
    sha256Into({ target: leafInput, at: 1 }, salted(first.salt, partText(first.part)));
    return sha256Base64url(leafInput);
  }
  const leaves = kept.map(({ part, salt }) => {
    sha256Into({ target: leafInput, at: 1 }, salted(salt, partText(part)));
    return leafHash(leafInput.subarray(1));
  });
  return toBase64url(rootOf(appendLeaves(EMPTY_RANGE, leaves)));
}

/** RFC 9162 §2.1.1: 0x00 ‖ entry. One for all: digesting is synchronous. */
const leafInput = new Uint8Array(1 + HASH_SIZE_BYTES);

const WORK_BYTES = 16_384;
const UTF8_MAX_BYTES = 3; // for each UTF-16 code unit
const work = Buffer.alloc(WORK_BYTES);

/** What a commitment digests: salt ‖ text. Valid until the next call. */
function salted(salt: Uint8Array, text: string): Uint8Array {
  const most = SALT_BYTES + text.length * UTF8_MAX_BYTES;
  const place = most > WORK_BYTES ? Buffer.allocUnsafe(most) : work;
  place.set(salt);
  return place.subarray(0, SALT_BYTES + place.write(text, SALT_BYTES));
}
