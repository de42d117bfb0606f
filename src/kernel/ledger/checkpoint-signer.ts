import { type PrivateKey, publicKeyOf } from "#lib/crypto/keys";
import { formatNote, formatVerifierKey, noteSignature, noteVerifier } from "#lib/merkle/note";
import type { CheckpointSigner } from "../ports.ts";

/**
 * A checkpoint signer with an Ed25519 key in this process.
 * @param origin the log's name, for example `ledger.scjg.qingyuan.example/2026`
 * @param followers the keys that may follow it, one after the other
 */
export function checkpointSigner(
  origin: string,
  key: PrivateKey,
  followers: readonly PrivateKey[] = [],
): CheckpointSigner {
  const [next, ...others] = followers;
  const verifierKey = formatVerifierKey(noteVerifier(origin, publicKeyOf(key)));
  return Object.freeze({
    origin,
    verifierKey,
    async sign(text: string) {
      const note = formatNote({ text, signatures: [noteSignature(text, origin, key)] });
      return note.slice(text.length + 1);
    },
    ...(next && { successor: async () => checkpointSigner(origin, next, others) }),
  });
}
