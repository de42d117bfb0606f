import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { concatBytes, fromUtf8, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import {
  type DataKey,
  ENVELOPE_NONCE_BYTES,
  EnvelopeBatch,
  envelopeKeyId,
  openAttribute,
  sealAttribute,
} from "#lib/crypto/envelope";
import { openAttributes } from "#lib/crypto/open-attributes";
import { canonicalize } from "#lib/json/canonical";
import { isPacked, packText, unpackText } from "#lib/json/packed-text";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { leafHash } from "#lib/merkle/hash";
import { Fault } from "../errors/fault.ts";
import { randomBytes } from "../random.ts";
import { textMember } from "./canonical-text.ts";
import type { LedgerContent, LedgerLeaf, SubjectPart } from "./entry.ts";
import type { LedgerKeys } from "./keys.ts";
import { sealedBy } from "./period.ts";

/** A subject as it is kept: whole with its salt, or what remains after its erasure. */
export type KeptSubject =
  | { readonly part: SubjectPart; readonly salt: Uint8Array }
  | { readonly erased: true; readonly commitment: Uint8Array };

/** Everything that is kept apart from the log about one entry. */
export interface KeptContent {
  /** Absent when it was erased. */
  readonly content?: { readonly value: LedgerContent; readonly salt: Uint8Array };
  readonly subjects: readonly KeptSubject[];
}

/** Commits to a value: SHA-256(salt ‖ canonical JSON). Without the salt nobody can guess what was committed to. */
export function commit(salt: Uint8Array, value: unknown): Uint8Array {
  return sha256(salt, utf8(canonicalize(value)));
}

/** The commitment of a subject, whether or not the subject is still there. */
export function subjectCommitment(subject: KeptSubject): Uint8Array {
  return "erased" in subject ? subject.commitment : commit(subject.salt, subject.part);
}

/** The root of the subjects' tree: its leaves are their commitments. */
export function subjectsRoot(subjects: readonly KeptSubject[]): Uint8Array {
  return rootOf(
    appendLeaves(
      EMPTY_RANGE,
      subjects.map((subject) => leafHash(subjectCommitment(subject))),
    ),
  );
}

/** One subject stands once in an entry; what is told of it twice is told together. */
export function distinct(subjects: readonly SubjectPart[]): readonly SubjectPart[] {
  if (subjects.length === 1 && new Set(subjects[0]?.attributes).size === subjects[0]?.attributes.length)
    return subjects;
  const parts: SubjectPart[] = [];
  const places = new Map<SubjectPart["kind"], Map<string, number>>();
  // Of an import or export all subjects have one list, which is looked at once.
  let list: readonly string[] | undefined;
  let once: readonly string[] = [];
  for (const { kind, id, attributes } of subjects) {
    if (attributes !== list) {
      list = attributes;
      once = [...new Set(attributes)];
    }
    let ofKind = places.get(kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      places.set(kind, ofKind);
    }
    const place = ofKind.get(id);
    const known = place === undefined ? undefined : parts[place];
    if (place === undefined || known === undefined) ofKind.set(id, parts.push({ kind, id, attributes: once }) - 1);
    else if (known.attributes !== once) {
      parts[place] = { kind, id, attributes: [...new Set([...known.attributes, ...once])] };
    }
  }
  return parts;
}

/** How it is written before it is sealed: lists of attributes are kept once, since an import has the same for all. */
interface WrittenContent {
  readonly content?: LedgerContent;
  readonly salt?: string;
  readonly sets: readonly (readonly string[])[];
  readonly subjects: readonly (readonly [SubjectPart["kind"], string, number, string] | readonly [string])[];
}

/** Seals what is kept apart. It opens beside its own leaf alone. */
export function sealContent({ content, subjects }: KeptContent, leaf: Uint8Array, key: DataKey): Buffer {
  const text = content && { text: canonicalize(content.value), salt: content.salt };
  return sealText(writtenText({ ...(text && { content: text }), subjects }), leaf, key);
}

/** The key of the same period by which something is sealed anew that was sealed so. */
export function keyToSealAnew(sealed: Uint8Array, keys: LedgerKeys): DataKey {
  return keys.sealFor(sealedBy(envelopeKeyId(sealed)).period);
}

export interface KeptText {
  readonly content?: { readonly text: string; readonly salt: Uint8Array };
  readonly subjects: readonly KeptSubject[];
}

/** What is sealed of an entry. */
export function writtenText({ content, subjects }: KeptText): string {
  const sets: (readonly string[])[] = [];
  const setNumbers = new Map<string, number>();
  let list: readonly string[] | undefined;
  let number = 0;
  const rows = subjects.map((subject) => {
    if ("erased" in subject) return `["${toBase64url(subject.commitment)}"]`;
    const { kind, id, attributes } = subject.part;
    if (attributes !== list) {
      const name = attributes.join("\n");
      number = setNumbers.get(name) ?? sets.push(attributes) - 1;
      setNumbers.set(name, number);
      list = attributes;
    }
    return `["${kind}",${textMember(id)},${number},"${toBase64url(subject.salt)}"]`;
  });
  // The content is text already: it is not written a second time.
  const head = content === undefined ? "" : `"content":${content.text},"salt":"${toBase64url(content.salt)}",`;
  return `{${head}"sets":${JSON.stringify(sets)},"subjects":[${rows.join(",")}]}`;
}

export function sealText(written: string, leaf: Uint8Array, key: DataKey): Buffer {
  const nonce = randomBytes(ENVELOPE_NONCE_BYTES);
  return view(sealAttribute(key, packText(written) ?? utf8(written), place(leaf), nonce));
}

/** A text that is sealed with others. */
export interface TextToSeal {
  readonly written: string;
  readonly leafText: string;
  readonly key: DataKey;
}

/** Seals the texts of each key with one key stream, each with a tag of its own: a cipher for each costs more than a short text. */
export function sealTexts(texts: readonly TextToSeal[]): Buffer[] {
  const sealed = new Array<Buffer>(texts.length);
  for (const [key, places] of Map.groupBy(texts.keys(), (at) => (texts[at] as TextToSeal).key)) {
    const batch = new EnvelopeBatch(key);
    for (const at of places) {
      const { written, leafText } = texts[at] as TextToSeal;
      batch.add(packText(written) ?? written, PLACE + leafText);
    }
    for (const [n, bytes] of batch.seal(randomBytes(ENVELOPE_NONCE_BYTES)).entries()) {
      sealed[places[n] as number] = view(bytes);
    }
  }
  return sealed;
}

/** The same bytes as the Buffer that the database's driver takes. */
function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Opens what is kept apart from a leaf.
 * @throws ERR_LEDGER_CONTENT
 */
export function openContent(sealed: Uint8Array, leaf: Uint8Array, keys: LedgerKeys): KeptContent {
  try {
    return readWritten(openAttribute((id) => keys.find(id), sealed, place(leaf)));
  } catch (cause) {
    throw new Fault("ERR_LEDGER_CONTENT", { cause });
  }
}

/** Opens several, those that were appended together at once: what was written; `undefined` where {@link openContent} would throw. */
export function openWritten(
  entries: readonly { readonly sealed: Uint8Array; readonly leaf: Uint8Array }[],
  keys: LedgerKeys,
): readonly (Uint8Array | undefined)[] {
  const values = entries.map(({ sealed, leaf }) => ({ sealed, associatedData: place(leaf) }));
  return openAttributes((id) => keys.find(id), values);
}

/** Reads what was written; undefined where it is damaged. */
export function keptIn(written: Uint8Array): KeptContent | undefined {
  try {
    return readWritten(written);
  } catch {
    return undefined;
  }
}

/** @throws where it is neither packed, as it is written today, nor text, as it was */
function textOf(written: Uint8Array): string {
  const text = isPacked(written) ? unpackText(written) : written;
  if (text === undefined) throw new TypeError("not a packed text");
  return fromUtf8(text);
}

function readWritten(written: Uint8Array): KeptContent {
  const { content, salt, sets, subjects } = JSON.parse(textOf(written)) as WrittenContent;
  return {
    ...(content && { content: { value: content, salt: bytes(salt) } }),
    subjects: subjects.map((subject): KeptSubject => {
      if (subject.length === 1) return { erased: true, commitment: bytes(subject[0]) };
      const [kind, id, set, subjectSalt] = subject;
      return { part: { kind, id, attributes: sets[set] ?? [] }, salt: bytes(subjectSalt) };
    }),
  };
}

/** Whether content is erased: taken out, or sealed with a key that was destroyed. */
export function isErased(sealed: Uint8Array, keys: LedgerKeys): boolean {
  if (sealed.length === 0) return true;
  try {
    return keys.isDestroyed(envelopeKeyId(sealed));
  } catch {
    return false; // no envelope: whoever opens it finds out
  }
}

/** Whether nobody here can read content any more: erased, or by a key that is not at hand. */
export function isClosed(sealed: Uint8Array, keys: LedgerKeys): boolean {
  if (isErased(sealed, keys)) return true;
  try {
    return keys.isLost(envelopeKeyId(sealed));
  } catch {
    return false;
  }
}

/**
 * What is sealed of an entry, as it was written: to be sealed anew.
 * @throws ERR_LEDGER_CONTENT
 */
export function openText(sealed: Uint8Array, leaf: Uint8Array, keys: LedgerKeys): string {
  try {
    return textOf(openAttribute((id) => keys.find(id), sealed, place(leaf)));
  } catch (cause) {
    throw new Fault("ERR_LEDGER_CONTENT", { cause });
  }
}

/** Reads a leaf; undefined when it is not one of version 1. */
export function parseLeaf(bytes: Uint8Array): LedgerLeaf | undefined {
  try {
    const leaf = JSON.parse(fromUtf8(bytes)) as LedgerLeaf;
    return leaf.v === 1 ? leaf : undefined;
  } catch {
    return undefined;
  }
}

const PLACE = "ledger.content\0";
const PLACE_BYTES = utf8(PLACE);

function place(leaf: Uint8Array): Uint8Array {
  return concatBytes(PLACE_BYTES, leaf);
}

function bytes(encoded: string | undefined): Uint8Array {
  const decoded = fromBase64url(encoded ?? "");
  if (decoded === undefined) throw new TypeError("not base64url");
  return decoded;
}
