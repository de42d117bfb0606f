import { fromBase64 } from "#lib/crypto/base64url";
import { publicKeyFromSpki } from "#lib/crypto/keys";
import { sm2PublicKeyFromSpki } from "#lib/crypto/sm2/key-files";
import type { VerifyingKey } from "#lib/crypto/suite";
import type { NodeEntry, NodeKey } from "./entries.ts";

/** A key with which a node signs messages today; undefined where the directory does not list it, or lists what is no key. */
export function signingKeyOf(node: NodeEntry | undefined, keyId: string): VerifyingKey | undefined {
  const listed = node?.signingKeys.find(({ id }) => id === keyId);
  return listed && verifyingKey(listed);
}

/** A key as it is listed; undefined for what is none. */
export function verifyingKey({ suite, publicKey }: NodeKey): VerifyingKey | undefined {
  const der = fromBase64(publicKey);
  if (der === undefined || suite === "hybrid") return undefined;
  try {
    return suite === "national" ? sm2PublicKeyFromSpki(der) : publicKeyFromSpki(der);
  } catch {
    return undefined;
  }
}
