/**
 * How one key of a log follows another (decision 0040). The succession is itself a checkpoint, the last of the former keys and the first of
 * the next, whose extension lines say which keys these are:
 *
 *     <origin> LF <size> LF <root> LF zhengtong-log-succession/1 LF { former <vkey> LF } { next <vkey> LF }
 *
 * Every key that it names has signed it. Whoever knows nothing of this reads a checkpoint (C2SP tlog-checkpoint); whoever knows one of
 * the keys learns the others. A key signs up to the size at which it is followed, and its follower from there.
 */
import type { PublicKey } from "#lib/crypto/keys";
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { formatVerifierKey, type NoteVerifier, noteVerifier, openNote, parseNote } from "./note.ts";
import { formatSuiteVerifierKey, openSuiteNote, parseSuiteVerifierKey, type SuiteNoteVerifier } from "./suite-note.ts";

const SUCCESSION_MARK = "zhengtong-log-succession/1";
/** Keys of one log at a time: one a suite. */
const KEYS_MAX = 8;

/** Successions of one log that anybody follows: with three years each, two centuries. */
export const SUCCESSIONS_MAX = 64;

export interface Succession {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** One a suite, Ed25519 first. */
  readonly former: readonly SuiteNoteVerifier[];
  readonly next: readonly SuiteNoteVerifier[];
}

/** Between which sizes a key signs a log's checkpoints, both included. */
export interface KeyTerm {
  readonly verifier: NoteVerifier;
  readonly from: number;
  readonly to: number;
}

/**
 * The text that the former and the next keys sign.
 * @param keys as lines in C2SP vkey form, Ed25519 first
 */
export function formatSuccession(
  { origin, size, root }: Pick<Checkpoint, "origin" | "size" | "root">,
  keys: { readonly former: readonly string[]; readonly next: readonly string[] },
): string {
  const extensions = [
    SUCCESSION_MARK,
    ...keys.former.map((key) => `former ${key}`),
    ...keys.next.map((key) => `next ${key}`),
  ];
  const text = formatCheckpoint({ origin, size, root, extensions });
  if (parseSuccession(text) === undefined) throw new RangeError("these keys do not follow each other in one log");
  return text;
}

/** Whether a checkpoint says that it is a succession, however well. */
export function saysSuccession({ extensions }: Pick<Checkpoint, "extensions">): boolean {
  return extensions[0] === SUCCESSION_MARK;
}

/** Reads a note and checks that every key that it names signed it; undefined where it is no succession. */
export function openSuccession(note: string): Succession | undefined {
  const text = parseNote(note)?.text;
  const succession = text === undefined ? undefined : parseSuccession(text);
  if (succession === undefined) return undefined;
  const named = [...succession.former, ...succession.next];
  return openSuiteNote(note, named)?.signedBy.length === named.length ? succession : undefined;
}

function parseSuccession(text: string): Succession | undefined {
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === undefined || !saysSuccession(checkpoint)) return undefined;
  const { origin, size, root, extensions } = checkpoint;
  const lines = extensions.slice(1);
  const count = lines.filter((line) => line.startsWith("former ")).length;
  const former = keysIn(lines.slice(0, count), "former ", origin);
  const next = keysIn(lines.slice(count), "next ", origin);
  if (former === undefined || next === undefined) return undefined;
  // A key that follows itself would have no end.
  const written = next.map(formatSuiteVerifierKey);
  if (former.some((key) => written.includes(formatSuiteVerifierKey(key)))) return undefined;
  return { origin, size, root, former, next };
}

function keysIn(lines: readonly string[], word: string, origin: string): readonly SuiteNoteVerifier[] | undefined {
  if (lines.length > KEYS_MAX) return undefined;
  const keys: SuiteNoteVerifier[] = [];
  for (const line of lines) {
    const key = line.startsWith(word) ? parseSuiteVerifierKey(line.slice(word.length)) : undefined;
    if (key?.name !== origin || keys.some((other) => other.key.algorithm === key.key.algorithm)) return undefined;
    keys.push(key);
  }
  return keys[0]?.key.algorithm === "EdDSA" ? keys : undefined;
}

/**
 * Which keys sign a log, and between which sizes, as far as it is known from keys that are trusted and from what they say of their
 * followers. What no trusted key says counts for nothing.
 * @param successions in the order of the log
 */
export function keyTerms(trusted: readonly NoteVerifier[], successions: readonly Succession[]): readonly KeyTerm[] {
  const terms = new Map(trusted.map((verifier) => [formatVerifierKey(verifier), { verifier, from: 0, to: Infinity }]));
  for (const { origin, size, former, next } of successions) {
    const [before, after] = [former[0], next[0]];
    const term = before && terms.get(formatSuiteVerifierKey(before));
    // The first to follow a key is who follows it.
    if (term === undefined || after === undefined || term.to !== Infinity || size < term.from) continue;
    const line = formatSuiteVerifierKey(after);
    const known = terms.get(line);
    if (known !== undefined && known.from > 0) continue;
    term.to = size;
    if (known !== undefined) known.from = size;
    else terms.set(line, { verifier: noteVerifier(origin, after.key as PublicKey), from: size, to: Infinity });
  }
  return [...terms.values()];
}

/** Reads a signed checkpoint and checks that a key signed it that signs logs of its size. */
export function openCheckpointInTerm(note: string, terms: readonly KeyTerm[]): Checkpoint | undefined {
  const opened = openNote(
    note,
    terms.map(({ verifier }) => verifier),
  );
  const checkpoint = opened === undefined ? undefined : parseCheckpoint(opened.text);
  if (opened === undefined || checkpoint === undefined) return undefined;
  const { origin, size } = checkpoint;
  const isInTerm = terms.some(
    ({ verifier, from, to }) =>
      opened.signedBy.includes(verifier) && verifier.name === origin && from <= size && size <= to,
  );
  return isInTerm ? checkpoint : undefined;
}
