import type { MessageSigner, NodeProofs } from "#kernel/ports";
import { randomBytes } from "#kernel/random";
import type { Vault } from "#kernel/vault/vault";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { concatBytes } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { suiteOfKey } from "#lib/crypto/purposes";
import {
  openFor,
  openPiece,
  RECIPIENT_RANDOMNESS_BYTES,
  RECIPIENT_SEED_BYTES,
  type RecipientSecret,
  recipientFromSpki,
  recipientKeyOf,
  recipientSpki,
  sealFor,
  sealPiece,
} from "#lib/crypto/recipient";
import type { NodeEntry, NodeKey } from "#lib/directory/entries";
import { signingKeyOf } from "#lib/directory/node-key";
import type { DirectoryView } from "#lib/directory/view";

/** One piece is all. */
const WHOLE = { index: 0, isLast: true } as const;

/** What nodes sign and seal for each other, with the keys that the directory lists. */
export function directoryProofs(of: {
  readonly view: () => DirectoryView | undefined;
  readonly signer: () => Promise<MessageSigner>;
  /** Of this node; the directory lists its public half. */
  readonly secret: (suite: RecipientSecret["suite"]) => RecipientSecret;
}): NodeProofs {
  return {
    get self() {
      return of.view()?.self ?? "";
    },
    async sign(message) {
      const signer = await of.signer();
      return { keyId: signer.id, signature: toBase64(await signer.sign(message)) };
    },
    isSignedBy(node, message, { keyId, signature }) {
      const [key, bytes] = [signingKeyOf(of.view()?.node(node), keyId), fromBase64(signature)];
      if (key === undefined || bytes === undefined) return false;
      return suiteOfKey(key).verify({ key, message, signature: bytes });
    },
    sealFor(node, body, info) {
      const key = sealingKeyOf(of.view()?.node(node));
      if (key === undefined) return undefined;
      const { wrapped, keys } = sealFor(key, { randomness: randomBytes(RECIPIENT_RANDOMNESS_BYTES), info });
      return { wrapped: toBase64(wrapped), sealed: toBase64(sealPiece(keys, { ...WHOLE, plaintext: body })) };
    },
    open(sealed, info) {
      const [wrapped, ciphertext] = [fromBase64(sealed.wrapped), fromBase64(sealed.sealed)];
      const own = of.view()?.node(of.view()?.self ?? "")?.sealingKeys[0];
      if (wrapped === undefined || ciphertext === undefined || own === undefined || own.suite === "hybrid")
        return undefined;
      const keys = openFor(of.secret(own.suite), { wrapped, info });
      return keys && openPiece(keys, { ...WHOLE, ciphertext });
    },
  };
}

function sealingKeyOf(node: NodeEntry | undefined) {
  const listed = node?.sealingKeys[0];
  const der = listed && fromBase64(listed.publicKey);
  return der === undefined || listed === undefined || listed.suite === "hybrid"
    ? undefined
    : recipientFromSpki(listed.suite, der);
}

/** The key of a node's letters, which its own secrets make: the same as long as the node is. */
export function letterSecret(vault: Pick<Vault, "stayingKey">, suite: RecipientSecret["suite"]): RecipientSecret {
  const seed = concatBytes(vault.stayingKey("letters"), vault.stayingKey("letters.2")).slice(0, RECIPIENT_SEED_BYTES);
  return { suite, seed };
}

/** As the directory lists it. */
export function letterKey(secret: RecipientSecret): NodeKey {
  const publicKey = recipientSpki(recipientKeyOf(secret));
  return { id: sha256Hex(publicKey).slice(0, 22), suite: secret.suite, publicKey: toBase64(publicKey) };
}
