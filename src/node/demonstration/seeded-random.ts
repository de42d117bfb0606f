import { UUID_V4_RANDOM_BYTES, uuidV4 } from "#lib/crypto/uuid";

/**
 * Numbers that look random and are the same for the same seed (sfc32, C. Doty-Humphrey, PractRand). For synthetic data alone: whoever sees
 * a few can compute the rest.
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    let hash = 0x811c9dc5;
    for (const character of seed) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    [this.#a, this.#b, this.#c] = [hash, hash ^ 0x9e3779b9, hash ^ 0x85ebca6b];
    for (let warmUp = 0; warmUp < 16; warmUp++) this.#next();
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor((this.#next() / 2 ** 32) * (most - least + 1));
  }

  /** True so many times of a hundred. */
  percent(share: number): boolean {
    return this.between(1, 100) <= share;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.between(0, list.length - 1)];
    if (found === undefined) throw new RangeError("nothing to pick from");
    return found;
  }

  /** Picks by weight: `[["a", 3], ["b", 1]]` gives "a" three times of four. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T {
    let rest = this.between(
      1,
      choices.reduce((sum, [, weight]) => sum + weight, 0),
    );
    for (const [choice, weight] of choices) {
      rest -= weight;
      if (rest <= 0) return choice;
    }
    throw new RangeError("nothing to pick from");
  }

  uuid(): string {
    return uuidV4(Uint8Array.from({ length: UUID_V4_RANDOM_BYTES }, () => this.between(0, 255)));
  }
}
