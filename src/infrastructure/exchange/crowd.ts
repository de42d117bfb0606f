import type { Socket } from "node:net";

/** Connections by address: whoever opens as many as there may be holds a part of them, and the rest stays free for others. */
export class Crowd {
  readonly #most: number;
  /** Of each address that has any. */
  readonly #open = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts a connection until it closes.
   * @returns false where its address has as many as it may have: it is ended
   */
  admit(socket: Socket): boolean {
    const address = socket.remoteAddress ?? "";
    const open = this.#open.get(address) ?? 0;
    if (open >= this.#most) {
      socket.destroy();
      return false;
    }
    this.#open.set(address, open + 1);
    socket.once("close", () => {
      const left = (this.#open.get(address) ?? 1) - 1;
      if (left > 0) this.#open.set(address, left);
      else this.#open.delete(address);
    });
    return true;
  }
}
