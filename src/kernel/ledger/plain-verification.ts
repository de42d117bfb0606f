/**
 * Compares what is kept of an entry with its leaf without reading it as JSON: both are written in one form, so that what was committed to
 * lies in the text as the very bytes that were digested. It only ever says that an entry is right; of everything else, older
 * writings and whatever was changed, the caller takes a closer look (`part-verification.ts`).
 */
import { sha256Base64url, sha256Into } from "#lib/crypto/digest";
import { isPacked, unpackedMaxBytes, unpackInto } from "#lib/json/packed-text";
import { HASH_SIZE_BYTES } from "#lib/merkle/hash";
import { SALT_BYTES } from "./commitment.ts";
import type { SubjectPart } from "./entry.ts";

const CONTENT = '{"content":';
const SALT = ',"salt":"';
const SALT_CHARACTERS = 22;
/** In one alphabet: Node reads two. */
const ONE_SALT = /^[\w-]{22}$/;
const HASH_CHARACTERS = 43;
const COMMITMENT = '"commitment":"';
const VERSION = '"v":1}';
const NO_SUBJECTS = '","sets":[],"subjects":[]}';
const ANY_SUBJECTS = '"subjects":{';
const ONE_SUBJECT = '"subjects":{"count":1,"root":"';
/** One subject, whose texts need no escapes: an attribute's name is plain, an id is digits and letters. */
const ONE =
  /^","sets":\[(\[(?:"[\w .:-]{1,64}"(?:,"[\w .:-]{1,64}"){0,31})?\])\],"subjects":\[\["([a-z]{1,20})","([\w-]{1,64})",0,"([\w-]{22})"\]\]\}$/;

/** Whom an entry concerns, as far as that is needed to find it. */
export type PlainSubject = Pick<SubjectPart, "kind" | "id">;

/**
 * @param written what was sealed, opened
 * @returns whom it concerns, where content and subject are what the leaf commits to; undefined where that takes a closer look
 */
export function plainlyCommitted(written: Uint8Array, leaf: Buffer): readonly PlainSubject[] | undefined {
  // Behind the salt's place, so that both are digested where they lie.
  const size = unpacked(written);
  if (size === undefined) return undefined;
  // One character a byte: places in the text are places in the bytes.
  const text = work.toString("latin1", TEXT_AT, TEXT_AT + size);
  const saltAt = text.lastIndexOf(SALT);
  if (saltAt < 0 || !text.startsWith(CONTENT)) return undefined;
  const head = leaf.toString("latin1");
  const commitmentAt = head.indexOf(COMMITMENT);
  if (commitmentAt < 0 || !head.endsWith(VERSION)) return undefined;
  const saltEnd = saltAt + SALT.length + SALT_CHARACTERS;
  const salt = text.slice(saltEnd - SALT_CHARACTERS, saltEnd);
  const commitment = digestOf(salt, saltAt);
  if (commitment === undefined || !head.startsWith(commitment, commitmentAt + COMMITMENT.length)) return undefined;
  const rest = text.slice(saltEnd);
  if (rest === NO_SUBJECTS) return head.includes(ANY_SUBJECTS) ? undefined : [];
  const [, attributes = "", kind = "", id = "", own = ""] = ONE.exec(rest) ?? [];
  const rootAt = head.indexOf(ONE_SUBJECT);
  if (kind === "" || rootAt < 0) return undefined;
  const root = rootOf(own, `{"attributes":${attributes},"id":"${id}","kind":"${kind}"}`);
  if (root === undefined || !head.startsWith(`${root}"`, rootAt + ONE_SUBJECT.length)) return undefined;
  return [{ kind: kind as PlainSubject["kind"], id }];
}

/** Longer ones take a closer look. */
const WRITTEN_MAX_BYTES = 16_384;
/** Where the text is put: its content begins right behind a salt. */
const TEXT_AT = SALT_BYTES;
const CONTENT_AT = TEXT_AT + CONTENT.length;
const work = Buffer.alloc(TEXT_AT + unpackedMaxBytes(WRITTEN_MAX_BYTES));
/** RFC 9162 §2.1.1: 0x00 ‖ entry. One for all: digesting is synchronous. */
const leafInput = new Uint8Array(1 + HASH_SIZE_BYTES);

/** Puts the text into its place. @returns its size; undefined where there is none, or it is longer than usual */
function unpacked(written: Uint8Array): number | undefined {
  if (written.length > WRITTEN_MAX_BYTES) return undefined;
  if (isPacked(written)) {
    const end = unpackInto(written, work, TEXT_AT);
    return end < 0 ? undefined : end - TEXT_AT;
  }
  work.set(written, TEXT_AT);
  return written.length;
}

/** SHA-256(salt ‖ content), base64url, where the salt takes the place of what stands before the content; undefined where it is none. */
function digestOf(salt: string, contentEnd: number): string | undefined {
  if (!ONE_SALT.test(salt)) return undefined;
  const saltAt = CONTENT_AT - SALT_BYTES;
  if (work.write(salt, saltAt, SALT_BYTES, "base64url") !== SALT_BYTES) return undefined;
  const digest = sha256Base64url(work.subarray(saltAt, TEXT_AT + contentEnd));
  return digest.length === HASH_CHARACTERS ? digest : undefined;
}

/** The root of a tree of one subject: the hash of its leaf. */
function rootOf(salt: string, part: string): string | undefined {
  if (work.write(salt, 0, SALT_BYTES, "base64url") !== SALT_BYTES) return undefined;
  const end = SALT_BYTES + work.write(part, SALT_BYTES, "latin1");
  sha256Into({ target: leafInput, at: 1 }, work.subarray(0, end));
  return sha256Base64url(leafInput);
}
