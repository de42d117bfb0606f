export interface ExpiringCacheOptions<T> {
  readonly lifeMs: number;
  readonly sizeMax: number;
  /** Which answers are kept; all of them where absent. */
  readonly keeps?: (answer: T) => boolean;
}

/** Keeps answers for a short while. Time is the caller's: `atMs`. */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
  readonly #options: ExpiringCacheOptions<T>;

  constructor(options: ExpiringCacheOptions<T>) {
    this.#options = options;
  }

  async get(key: string, atMs: number, ask: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known && atMs < known.untilMs) return known.value;
    const value = await ask();
    if (this.#options.keeps?.(value) === false) return value;
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: atMs + this.#options.lifeMs });
    if (this.#entries.size > this.#options.sizeMax) this.#dropOldest();
    return value;
  }

  #dropOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}
