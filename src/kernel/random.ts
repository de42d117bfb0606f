import { generateKeyPairSync, randomFillSync } from "node:crypto";
import { ed25519FromSeed, type PrivateKey, privateKeyFromPkcs8 } from "#lib/crypto/keys";
import { UUID_V4_RANDOM_BYTES, UUID_V7_RANDOM_BYTES, uuidV4, uuidV7 } from "#lib/crypto/uuid";

/** The most random bytes in one call. */
export const RANDOM_MAX_BYTES = 65_536;
/** Small requests are cut from one block: a call into the generator for each would cost more than its bytes. */
const BLOCK_BYTES = 16_384;
const SMALL_MAX_BYTES = 64;

let block = new Uint8Array(0);
let used = 0;

/** Unpredictable bytes from the operating system's generator. The caller owns them; none is given out twice. */
export function randomBytes(sizeBytes: number): Uint8Array {
  if (!Number.isInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > RANDOM_MAX_BYTES) {
    throw new RangeError(`cannot give ${sizeBytes} random bytes`);
  }
  if (sizeBytes > SMALL_MAX_BYTES) return randomFillSync(new Uint8Array(sizeBytes));
  if (used + sizeBytes > block.length) {
    block = randomFillSync(new Uint8Array(BLOCK_BYTES));
    used = 0;
  }
  const bytes = block.slice(used, used + sizeBytes);
  for (let at = used; at < used + sizeBytes; at++) block[at] = 0; // what was given out must not stay behind
  used += sizeBytes;
  return bytes;
}

/** A uuid (version 7) that sorts by the given time, in milliseconds since 1970. */
export function randomUuid(nowMs: number): string {
  return uuidV7(nowMs, randomBytes(UUID_V7_RANDOM_BYTES));
}

/** A uuid (version 4) that says nothing, not even when it was made. */
export function randomOpaqueUuid(): string {
  return uuidV4(randomBytes(UUID_V4_RANDOM_BYTES));
}

/** A fresh Ed25519 key. */
export function generateEd25519(): PrivateKey {
  return ed25519FromSeed(randomBytes(32));
}

/** A fresh ECDSA key on P-256. */
export function generateP256(): PrivateKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKeyFromPkcs8(privateKey.export({ format: "der", type: "pkcs8" }));
}
