import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Sql } from "#kernel/database/sql";
import { fromBase64url, toBase64url } from "#lib/crypto/base64url";

/** A client that takes longer asks for another one. */
export const NONCE_LIFE_MS = 60 * 60 * 1000;
const TIME_BYTES = 8;
const RANDOM_BYTES = 12;
const MAC_BYTES = 16;

/**
 * Nonces (RFC 8555 §6.5). One that is given out is not stored, so that asking for many fills nothing: it carries its time and a MAC.
 * One that was used with a valid signature is kept until it has run out.
 */
export class Nonces {
  readonly #keys: () => readonly [Uint8Array, ...Uint8Array[]];
  readonly #nowMs: () => number;

  /** @param keys of 32 bytes, the same in all processes of a node: the first signs, what was signed with the others still counts */
  constructor(keys: () => readonly [Uint8Array, ...Uint8Array[]], nowMs: () => number) {
    this.#keys = keys;
    this.#nowMs = nowMs;
  }

  make(): string {
    const content = Buffer.alloc(TIME_BYTES + RANDOM_BYTES);
    content.writeBigUInt64BE(BigInt(this.#nowMs()));
    randomBytes(RANDOM_BYTES).copy(content, TIME_BYTES);
    return toBase64url(Buffer.concat([content, this.#mac(content, this.#keys()[0])]));
  }

  /** Whether this server gave it out, and not too long ago. */
  isOurs(nonce: string): boolean {
    const bytes = fromBase64url(nonce);
    if (bytes?.length !== TIME_BYTES + RANDOM_BYTES + MAC_BYTES) return false;
    const content = Buffer.from(bytes.subarray(0, TIME_BYTES + RANDOM_BYTES));
    const mac = bytes.subarray(TIME_BYTES + RANDOM_BYTES);
    if (!this.#keys().some((key) => timingSafeEqual(this.#mac(content, key), mac))) return false;
    const ageMs = this.#nowMs() - Number(content.readBigUInt64BE());
    return ageMs >= 0 && ageMs <= NONCE_LIFE_MS;
  }

  /** Uses it up. False where it was used before, in whichever process. */
  async use(sql: Sql, nonce: string): Promise<boolean> {
    const used = await sql.execute(
      "INSERT INTO trust.acme_nonce (nonce, used_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
      [nonce, new Date(this.#nowMs()).toISOString()],
    );
    return used > 0;
  }

  #mac(content: Uint8Array, key: Uint8Array): Buffer {
    return createHmac("sha256", key).update(content).digest().subarray(0, MAC_BYTES);
  }
}
