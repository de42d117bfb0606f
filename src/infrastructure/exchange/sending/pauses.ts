import { FULL_PAUSE_MS, FULL_PAUSED_MAX } from "../limits.ts";

/**
 * Callers that are over their bound, and are told so after a pause: told at once they would ask anew at once, and keep this node busy with
 * refusals. Bounded: beyond that they are told at once.
 */
export class Pauses {
  readonly #waiting = new Set<() => void>();

  add(tell: () => void): void {
    if (this.#waiting.size >= FULL_PAUSED_MAX) {
      tell();
      return;
    }
    this.#waiting.add(tell);
    setTimeout(() => {
      if (this.#waiting.delete(tell)) tell();
    }, FULL_PAUSE_MS);
  }

  /** Tells all, now. */
  end(): void {
    for (const tell of this.#waiting) tell();
    this.#waiting.clear();
  }
}
