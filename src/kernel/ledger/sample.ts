import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";

/** Entries of one sample. */
export const SAMPLE_MAX = 200;
export const SAMPLE_SEED_MAX_CHARACTERS = 100;

/** Which entries of a log an auditor looks at: whoever knows these five gets the same ones, in any language. */
export interface SampleWanted {
  readonly seed: string;
  /** Of the checkpoint: nobody can choose the seed after seeing what it would find, and keep the log open. */
  readonly size: number;
  readonly root: Uint8Array;
  readonly count: number;
  /** Into how many equal parts in time the log is divided, each giving its share. 1: none. */
  readonly strata: number;
}

/**
 * Draws without replacement. The n-th draw of stratum s is the first 6 bytes of SHA-256(root ‖ "zhengtong-sample/1\n" ‖ seed ‖ "\n" ‖ s ‖
 * "\n" ‖ n), big-endian; one that would favour some entries, or was drawn before, is passed over (rejection).
 * @returns indexes in the log, ascending
 */
export function sampleIndexes({ seed, size, root, count, strata }: SampleWanted): readonly number[] {
  const parts = Math.max(1, Math.min(strata, count, size));
  const drawn: number[] = [];
  for (let part = 0; part < parts; part += 1) {
    const from = Math.floor((size * part) / parts);
    const width = Math.floor((size * (part + 1)) / parts) - from;
    const share = Math.floor((count * (part + 1)) / parts) - Math.floor((count * part) / parts);
    const own = new Set<number>();
    for (let draw = 0; own.size < Math.min(share, width); draw += 1) {
      const digest = sha256(concatBytes(root, utf8(`zhengtong-sample/1\n${seed}\n${part}\n${draw}`)));
      const value = digest.subarray(0, DRAW_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
      if (value < DRAW_LIMIT - (DRAW_LIMIT % width)) own.add(from + (value % width));
    }
    drawn.push(...own);
  }
  return drawn.sort((one, other) => one - other);
}

/** Draws for one type at most: of a type that has less than one in so many entries, a sample may have fewer than its share. */
export const TYPE_DRAWS_MAX = 1_000;

/**
 * Where to look for entries of a type, in this order: whoever draws passes over those of another type. The n-th draw is the first 6 bytes of
 * SHA-256(root ‖ "zhengtong-sample-type/1\n" ‖ seed ‖ "\n" ‖ type ‖ "\n" ‖ n), as above; what was drawn before for this type is passed over.
 * @returns indexes in the log, each once, at most {@link TYPE_DRAWS_MAX} draws
 */
export function typeDraws(
  { seed, size, root }: Pick<SampleWanted, "seed" | "size" | "root">,
  type: string,
): readonly number[] {
  const drawn = new Set<number>();
  for (let draw = 0; draw < TYPE_DRAWS_MAX && drawn.size < size; draw += 1) {
    const digest = sha256(concatBytes(root, utf8(`zhengtong-sample-type/1\n${seed}\n${type}\n${draw}`)));
    const value = digest.subarray(0, DRAW_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
    if (value < DRAW_LIMIT - (DRAW_LIMIT % size)) drawn.add(value % size);
  }
  return [...drawn];
}

const DRAW_BYTES = 6;
const DRAW_LIMIT = 2 ** (8 * DRAW_BYTES);
