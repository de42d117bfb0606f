/** SHA-256 (FIPS 180-4 §6.2), for where the runtime gives none that answers at once. */

const ROUNDS = 64;
const BLOCK_BYTES = 64;

/** The first 32 bits of the fractional parts of roots of primes (FIPS 180-4 §4.2.2, §5.3.3). */
function fraction(prime: number, root: 2 | 3): number {
  // floor(prime^(1/root) * 2^32), exactly: roots of doubles are a bit short.
  const target = BigInt(prime) << BigInt(32 * root);
  let low = 0n;
  for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) if ((low + bit) ** BigInt(root) <= target) low += bit;
  return Number(low & 0xffffffffn) | 0;
}

const primes: number[] = [];
for (let candidate = 2; primes.length < ROUNDS; candidate += 1)
  if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
const K = Int32Array.from(primes, (prime) => fraction(prime, 3));
const INITIAL = Int32Array.from(primes.slice(0, 8), (prime) => fraction(prime, 2));

const schedule = new Int32Array(ROUNDS);

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const padded = new Uint8Array(Math.ceil((length + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  let at = 0;
  for (const part of parts) {
    padded.set(part, at);
    at += part.length;
  }
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(length) * 8n);
  const state = INITIAL.slice();
  for (let block = 0; block < padded.length; block += BLOCK_BYTES) compress(state, view, block);
  const digest = new DataView(new ArrayBuffer(32));
  for (const [index, word] of state.entries()) digest.setInt32(index * 4, word);
  return new Uint8Array(digest.buffer);
}

function compress(state: Int32Array, view: DataView, block: number): void {
  const w = schedule;
  for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(block + t * 4);
  for (let t = 16; t < ROUNDS; t += 1) {
    const [early, late] = [w[t - 15] as number, w[t - 2] as number];
    const s0 = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const s1 = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    w[t] = ((w[t - 16] as number) + s0 + (w[t - 7] as number) + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < ROUNDS; t += 1) {
    const first =
      (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + (K[t] as number) + (w[t] as number)) | 0;
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = ((state[index] as number) + word) | 0;
}
