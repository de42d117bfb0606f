/**
 * What the node's key is made of. At first it is 32 bytes, from which everything derives. A renewed one is 64: the key that wraps, which was made
 * anew, and the secret of blind indexes, pseudonyms and form tokens, which stays, since what it named cannot be named again. While it is being
 * renewed there are 96: the key that wrapped before as well.
 */
import { hkdfSync } from "node:crypto";
import { Fault } from "#kernel/errors/fault";
import "../faults.ts";

export const SECRET_BYTES = 32;
export const NODE_KEY_SIZES = [SECRET_BYTES, 2 * SECRET_BYTES, 3 * SECRET_BYTES] as const;

/** From what the data keys of nodes without generations, indexes, pseudonyms and form tokens derive. */
const STAYING = "data keys";

/** Keys that wrap others, for one purpose. */
export interface WrappingKeys {
  readonly current: Uint8Array;
  /** Opens what was wrapped before a renewal that is not over. */
  readonly former: Uint8Array | undefined;
}

interface Parts {
  readonly wrapping: Uint8Array;
  readonly staying: Uint8Array;
  readonly former: Uint8Array | undefined;
}

export class NodeSecrets {
  #parts: Parts;

  /** @throws {Fault} ERR_TRUST_KEY_FILE for another number of bytes */
  constructor(bytes: Uint8Array) {
    this.#parts = partsOf(bytes);
  }

  /**
   * Takes what the key is made of after it was renewed, or while it is.
   * @returns whether another key wraps than before, or what wrapped before is gone
   * @throws {Fault} ERR_TRUST_KEY_FILE for another node's key
   */
  take(bytes: Uint8Array): boolean {
    const [before, next] = [this.#parts, partsOf(bytes)];
    if (!isSame(before.staying, next.staying))
      throw new Fault("ERR_TRUST_KEY_FILE", { message: "another node's key lies in its place" });
    this.#parts = next;
    return !isSame(before.wrapping, next.wrapping) || !isSame(before.former, next.former);
  }

  /** By which the key that wraps is called: 64 hexadecimal digits that say nothing of it. */
  get name(): string {
    return Buffer.from(derived(this.#parts.wrapping, "name of the node key")).toString("hex");
  }

  get isBeingRenewed(): boolean {
    return this.#parts.former !== undefined;
  }

  /** 32 bytes that are the same for as long as the node lives. */
  get staying(): Uint8Array {
    return this.#parts.staying.slice();
  }

  /** @param purpose each has keys of its own (HKDF-SHA-256) */
  wrapping(purpose: string): WrappingKeys {
    return {
      current: derived(this.#parts.wrapping, purpose),
      former: this.#parts.former === undefined ? undefined : derived(this.#parts.former, purpose),
    };
  }

  /** The bytes to keep while everything is wrapped anew; where that was begun, it is gone on with. @param fresh 32 random bytes */
  begun(fresh: Uint8Array): Uint8Array {
    if (this.#parts.former !== undefined)
      return Buffer.concat([this.#parts.wrapping, this.#parts.staying, this.#parts.former]);
    return Buffer.concat([fresh, this.#parts.staying, this.#parts.wrapping]);
  }

  /** The bytes to keep when nothing is wrapped with the former key any more. */
  ended(): Uint8Array {
    return Buffer.concat([this.#parts.wrapping, this.#parts.staying]);
  }
}

function partsOf(bytes: Uint8Array): Parts {
  if (!NODE_KEY_SIZES.some((size) => size === bytes.length))
    throw new Fault("ERR_TRUST_KEY_FILE", { message: `a node's key has not ${bytes.length} bytes` });
  const part = (at: number) => bytes.slice(at * SECRET_BYTES, (at + 1) * SECRET_BYTES);
  const wrapping = part(0);
  return {
    wrapping,
    staying: bytes.length === SECRET_BYTES ? derived(wrapping, STAYING) : part(1),
    former: bytes.length === NODE_KEY_SIZES[2] ? part(2) : undefined,
  };
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : Buffer.from(one).equals(other);
}

function derived(secret: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "zhengtong", purpose, SECRET_BYTES));
}
