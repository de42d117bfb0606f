import { CIRCUIT_FAILURES, CIRCUIT_FIRST_PAUSE_MS, CIRCUIT_LONGEST_PAUSE_MS } from "../limits.ts";

/** Whether a peer is worth asking: after some failures in a row it is left alone for a while, then tried once. */
export class Circuit {
  #failures = 0;
  #pauseUntil = 0;
  readonly #now: () => number;

  /** @param now milliseconds that never go back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** `closed`: calls go; `open`: they do not; `trying`: the next one shows. */
  get state(): "closed" | "open" | "trying" {
    if (this.#failures < CIRCUIT_FAILURES) return "closed";
    return this.#now() < this.#pauseUntil ? "open" : "trying";
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    const doubled = CIRCUIT_FIRST_PAUSE_MS * 2 ** Math.min(16, Math.max(0, this.#failures - CIRCUIT_FAILURES));
    this.#pauseUntil = this.#now() + Math.min(CIRCUIT_LONGEST_PAUSE_MS, doubled);
  }
}
