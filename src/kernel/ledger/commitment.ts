import { toBase64url } from "#lib/crypto/base64url";
import { sha256Base64url, sha256Into } from "#lib/crypto/digest";
import { HASH_SIZE_BYTES } from "#lib/merkle/hash";
import { rootOfLeaves } from "#lib/merkle/root-of-leaves";
import { partText, partTexts } from "./canonical-text.ts";
import type { SubjectPart } from "./entry.ts";

export const SALT_BYTES = 16;

/** Commits to a canonical text: SHA-256(salt ‖ text), base64url. */
export function commitText(salt: Uint8Array, text: string): string {
  return sha256Base64url(salted(salt, text));
}

export interface SaltedPart {
  readonly part: SubjectPart;
  readonly salt: Uint8Array;
}

/** The root of the subjects' tree, base64url. Of one it is the hash of its leaf. */
export function rootOfParts(kept: readonly SaltedPart[]): string {
  const [first] = kept;
  if (kept.length === 1 && first !== undefined) {
    sha256Into({ target: leafInput, at: 1 }, salted(first.salt, partText(first.part)));
    return sha256Base64url(leafInput);
  }
  const textOf = partTexts();
  const leaves = new Uint8Array(kept.length * HASH_SIZE_BYTES);
  for (const [at, { part, salt }] of kept.entries()) {
    sha256Into({ target: leafInput, at: 1 }, salted(salt, textOf(part)));
    sha256Into({ target: leaves, at: at * HASH_SIZE_BYTES }, leafInput);
  }
  return toBase64url(rootOfLeaves(leaves));
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
