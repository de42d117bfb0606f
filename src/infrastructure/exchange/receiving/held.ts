import { PEER_HELD_MAX_BYTES } from "../limits.ts";

/** How much is held for each peer: frames whose calls are not all over, and answers that have not left. */
export class Held {
  readonly #bytes = new Map<string, number>();

  /** @returns false where that peer has as much as one may have */
  take(peer: string, bytes: number): boolean {
    const held = (this.#bytes.get(peer) ?? 0) + bytes;
    if (held > PEER_HELD_MAX_BYTES) return false;
    this.#bytes.set(peer, held);
    return true;
  }

  release(peer: string, bytes: number): void {
    const held = (this.#bytes.get(peer) ?? 0) - bytes;
    if (held > 0) this.#bytes.set(peer, held);
    else this.#bytes.delete(peer);
  }
}
