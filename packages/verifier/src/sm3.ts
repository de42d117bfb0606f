/** SM3 (GB/T 32905-2016), for signatures of the national suite. */

const BLOCK_BYTES = 64;
const ROUNDS = 64;
const INITIAL = Uint32Array.of(
  ...[0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e],
);
const [EARLY, LATE] = [0x79cc4519, 0x7a879d8a];
/** Rounds with the simpler boolean functions. */
const EARLY_ROUNDS = 16;

/** To the left; shifts count modulo 32, so that a turn by nothing is none. */
const rotate = (word: number, by: number): number => (word << by) | (word >>> -by);
const p0 = (word: number): number => word ^ rotate(word, 9) ^ rotate(word, 17);
const p1 = (word: number): number => word ^ rotate(word, 15) ^ rotate(word, 23);

export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
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
  for (const [index, word] of state.entries()) digest.setUint32(index * 4, word);
  return new Uint8Array(digest.buffer);
}

function compress(state: Uint32Array, view: DataView, block: number): void {
  const w = new Int32Array(ROUNDS + 4);
  const word = (index: number): number => w[index] as number;
  for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(block + t * 4);
  for (let t = 16; t < w.length; t += 1)
    w[t] = p1(word(t - 16) ^ word(t - 9) ^ rotate(word(t - 3), 15)) ^ rotate(word(t - 13), 7) ^ word(t - 6);
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < ROUNDS; t += 1) {
    const isEarly = t < EARLY_ROUNDS;
    const ss1 = rotate((rotate(a, 12) + e + rotate(isEarly ? EARLY : LATE, t)) | 0, 7);
    const ss2 = ss1 ^ rotate(a, 12);
    const ff = isEarly ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = isEarly ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + ss2 + (word(t) ^ word(t + 4))) | 0;
    const tt2 = (gg + h + ss1 + word(t)) | 0;
    [d, c, b, a] = [c, rotate(b, 9), a, tt1];
    [h, g, f, e] = [g, rotate(f, 19), e, p0(tt2)];
  }
  for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] as number) ^ value;
}
