import type { MessageSigner } from "#kernel/ports";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { suiteOfKey } from "#lib/crypto/purposes";
import type { NodeEntry } from "#lib/directory/entries";
import { signingKeyOf } from "#lib/directory/node-key";

/** What a message through NATS is: parcels handed on, or what was said to them. */
export type MessageKind = "handing" | "answer";

/** What is signed beside the body. */
export interface MessageHead {
  readonly kind: MessageKind;
  readonly from: string;
  readonly to: string;
  /** `receive` or `forward`. */
  readonly operation: string;
  /** Names the parcels: the same ones have the same key. */
  readonly key: string;
}

/** NATS knows its clients, not the nodes of the directory: each message bears the signature of its node. */
export async function signMessage(signer: MessageSigner, head: MessageHead, body: Uint8Array): Promise<Uint8Array> {
  return await signer.sign(signedText(head, body));
}

/** Whether a node of the directory signed it with a key that it has today. */
export function isSignedBy(node: NodeEntry, { head, body, keyId, signature }: SignedMessage): boolean {
  const key = signingKeyOf(node, keyId);
  if (key === undefined) return false;
  return suiteOfKey(key).verify({ key, message: signedText(head, body), signature });
}

export interface SignedMessage {
  readonly head: MessageHead;
  readonly body: Uint8Array;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

function signedText({ kind, from, to, operation, key }: MessageHead, body: Uint8Array): Uint8Array {
  return utf8(["zhengtong-events/1", kind, from, to, operation, key, sha256Hex(body)].join("\n"));
}
