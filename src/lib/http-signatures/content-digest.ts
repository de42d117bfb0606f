import { equalBytes } from "../crypto/bytes.ts";
import { sha256, sha512 } from "../crypto/digest.ts";
import { sm3 } from "../crypto/sm3.ts";
import { isInnerList, plainItem, readDictionary, writeDictionary } from "./structured-fields.ts";

/** `sm3` is not registered: it is spoken between nodes of the national suite. */
export type DigestAlgorithm = "sha-256" | "sha-512" | "sm3";

const DIGESTS: Readonly<Record<DigestAlgorithm, (content: Uint8Array) => Uint8Array>> = {
  "sha-256": sha256,
  "sha-512": sha512,
  sm3,
};

/** The value of `Content-Digest` (RFC 9530 §2). */
export function contentDigest(content: Uint8Array, ...algorithms: readonly DigestAlgorithm[]): string {
  const digests = (algorithms.length === 0 ? (["sha-256"] as const) : algorithms).map(
    (name) => [name, plainItem({ kind: "bytes", value: DIGESTS[name](content) })] as const,
  );
  return writeDictionary(new Map(digests));
}

/**
 * Whether the field tells of this content: every digest in it that is known here must be right, and there must be one. Whoever needs a
 * certain algorithm says so.
 */
export function checkContentDigest(field: string, content: Uint8Array, needed?: DigestAlgorithm): boolean {
  const members = readDictionary(field);
  if (members === undefined || (needed !== undefined && !members.has(needed))) return false;
  let known = 0;
  for (const [name, member] of members) {
    if (!isDigestAlgorithm(name)) continue;
    if (isInnerList(member) || member.item.kind !== "bytes") return false;
    if (!equalBytes(member.item.value, DIGESTS[name](content))) return false;
    known += 1;
  }
  return known > 0;
}

function isDigestAlgorithm(name: string): name is DigestAlgorithm {
  return Object.hasOwn(DIGESTS, name);
}
