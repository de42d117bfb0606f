import type { MessageSigner, NodeProofs } from "#kernel/ports";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { suiteOfKey } from "#lib/crypto/purposes";
import { signingKeyOf } from "#lib/directory/node-key";
import type { DirectoryView } from "#lib/directory/view";

/** What nodes sign for each other, with the keys that the directory lists. */
export function directoryProofs(of: {
  readonly view: () => DirectoryView | undefined;
  readonly signer: () => Promise<MessageSigner>;
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
  };
}
