/**
 * Files of keys that were sealed under a node's key which is no more. What a file is bound to, its label, does not stand in it, so that it cannot
 * be sealed anew by itself: it is carried, with the key that opens it, under the node's new key. One that was made while a renewal was
 * interrupted is sealed under the newer of two: so both are carried.
 *
 *     file = "ZTC1" ‖ nonce (12) ‖ AES-256-GCM(two wrapping keys (32 each) ‖ file as it was) ‖ tag (16), bound to "ZTC1" ‖ name of the file
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { SECRET_BYTES } from "./node-secrets.ts";

const MAGIC = Buffer.from("ZTC1");
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed key, and what may open it: one of these does. */
export interface SealedKeyFile {
  readonly wrappingKeys: readonly [Uint8Array, Uint8Array];
  readonly sealed: Uint8Array;
}

/** @param file a name without a folder */
export function carry(file: string, key: SealedKeyFile, under: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", under, nonce);
  cipher.setAAD(Buffer.concat([MAGIC, Buffer.from(file)]));
  return Buffer.concat([
    ...[MAGIC, nonce, ...key.wrappingKeys.map((one) => cipher.update(one)), cipher.update(key.sealed)],
    ...[cipher.final(), cipher.getAuthTag()],
  ]);
}

/** What a file carries; undefined where it carries nothing, or not under this key. */
export function carried(file: string, bytes: Uint8Array, under: Uint8Array): SealedKeyFile | undefined {
  if (bytes.length < MAGIC.length + NONCE_BYTES + 2 * SECRET_BYTES + TAG_BYTES) return undefined;
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) return undefined;
  const body = bytes.subarray(MAGIC.length);
  const decipher = createDecipheriv("aes-256-gcm", under, body.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.concat([MAGIC, Buffer.from(file)]));
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  const inner = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return {
    wrappingKeys: [inner.subarray(0, SECRET_BYTES), inner.subarray(SECRET_BYTES, 2 * SECRET_BYTES)],
    sealed: inner.subarray(2 * SECRET_BYTES),
  };
}
