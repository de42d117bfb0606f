import type { DataKey } from "#lib/crypto/envelope";
import { Fault } from "../errors/fault.ts";
import { randomBytes } from "../random.ts";
import { contentText, leafText } from "./canonical-text.ts";
import { commitText, rootOfParts, SALT_BYTES } from "./commitment.ts";
import { distinct, sealText, sealTexts, writtenText } from "./content.ts";
import type { LedgerEntry } from "./entry.ts";
import { actorPseudonym, type LedgerKeys, pseudonym, subjectPseudonyms } from "./keys.ts";
import { CONTENT_MAX_BYTES, ENTRY_MAX_SUBJECTS } from "./limits.ts";

/** An entry in the form in which the database keeps it. */
export interface EncodedEntry {
  readonly leaf: Buffer;
  readonly sealed: Buffer;
  readonly actor: Buffer;
  readonly caseRef: Buffer | null;
  /** Of each 16 bytes, one after the other. */
  readonly subjects: Buffer;
  readonly withheldUntil: string | null;
  readonly sealing: string | null;
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
      ? [sealText(first.written, first.encoded.leaf, first.key)]
      : sealTexts(open);
  return open.map(({ encoded }, at) => ({ ...encoded, sealed: sealed[at] as Buffer }));
}

interface OpenEntry {
  readonly encoded: Omit<EncodedEntry, "sealed">;
  readonly leafText: string;
  readonly written: string;
  readonly key: DataKey;
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
  const commitment = commitText(salt, text);
  const subjects = kept.length === 0 ? undefined : { count: kept.length, root: rootOfParts(kept) };
  const leaf = leafText({ v: 1, type, at, room, operation, commitment, ...(subjects && { subjects }) });
  const encoded = {
    leaf: Buffer.from(leaf),
    actor: actorPseudonym(keys, actor),
    caseRef: caseId === undefined ? null : pseudonym(keys, "case", caseId),
    subjects: subjectPseudonyms(
      keys,
      kept.map(({ part }) => part),
    ),
    withheldUntil: entry.secrecy?.reviewOn ?? null,
    sealing: entry.secrecy?.order ?? null,
  };
  const key = keys.sealFor(keys.periodFor(entry));
  return { encoded, leafText: leaf, written: writtenText({ content: { text, salt }, subjects: kept }), key };
}
