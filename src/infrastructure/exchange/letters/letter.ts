import { z } from "zod";
import type { NodeProofs } from "#kernel/ports";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";

/** A letter, with what it says: it passes through the event rooms of others, whose own limit this is. */
export const LETTER_MAX_BYTES = 384 * 1024;
const SEALED_MAX_CHARACTERS = Math.ceil((LETTER_MAX_BYTES + 64) / 3) * 4;

/**
 * A call, or its answer, on its way by other nodes: sealed for the node that reads it, and signed by the one that wrote it. Those between
 * can neither read nor change it.
 */
export const LetterShape = z.strictObject({
  kind: z.enum(["call", "answer"]),
  /** Of the call; its answer bears the same. */
  id: z.uuid(),
  from: z.string().max(63),
  to: z.string().max(63),
  /** From then on it is not to be acted upon. */
  until: z.iso.datetime(),
  /** SHA-256 of what it says, which begins with 128 random bits. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  wrapped: z.base64().max(400),
  sealed: z.base64().max(SEALED_MAX_CHARACTERS),
  proof: z.strictObject({ keyId: z.string().max(120), signature: z.base64().max(200) }),
});
export type Letter = z.output<typeof LetterShape>;
type Head = Pick<Letter, "kind" | "id" | "from" | "to" | "until">;

/** @returns undefined where the directory lists no key to seal for that node */
export async function writeLetter(
  proofs: NodeProofs,
  { body, ...about }: Omit<Head, "from"> & { readonly body: Uint8Array },
): Promise<Letter | undefined> {
  const head: Head = { ...about, from: proofs.self };
  const sealed = proofs.sealFor(head.to, body, binding(head));
  if (sealed === undefined) return undefined;
  const letter = { ...head, digest: sha256Hex(body), ...sealed };
  return { ...letter, proof: await proofs.sign(signedText(letter)) };
}

/** Whether it is for this node, and of the node that it names. */
export function isGenuine(proofs: NodeProofs, letter: Letter): boolean {
  return letter.to === proofs.self && proofs.isSignedBy(letter.from, signedText(letter), letter.proof);
}

/** What a genuine letter says; undefined where it was sealed for another key. */
export function readLetter(proofs: NodeProofs, letter: Letter): Uint8Array | undefined {
  const body = proofs.open(letter, binding(letter));
  return body !== undefined && sha256Hex(body) === letter.digest ? body : undefined;
}

function binding({ kind, id, from, to, until }: Head): Uint8Array {
  return utf8(JSON.stringify(["zhengtong-letter/1", kind, id, from, to, until]));
}

/** What it says is signed by its digest: whoever has kept what it said can prove it. */
function signedText({ kind, id, from, to, until, digest }: Omit<Letter, "proof">): Uint8Array {
  return utf8(JSON.stringify(["zhengtong-letter/1", kind, id, from, to, until, digest]));
}
