/** How much of something may be done: so much in a second, and a burst of as much again. */
export class Allowance {
  readonly #perSecond: number;
  #left: number;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  /** Takes one; false when none is left. @param nowMs of a clock that only runs forward */
  take(nowMs: number): boolean {
    const since = Math.max(0, nowMs - this.#atMs) / 1000;
    this.#atMs = Math.max(this.#atMs, nowMs);
    this.#left = Math.min(this.#perSecond, this.#left + since * this.#perSecond);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
