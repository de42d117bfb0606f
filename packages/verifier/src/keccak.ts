/** SHAKE128 and SHAKE256 (FIPS 202 §6.2), for ML-DSA. Lanes of 64 bits are kept as two halves of 32. */

const ROUNDS = 24;
const LANES = 25;
const SHAKE_SUFFIX = 0x1f;
const LAST_BIT = 0x80;

/** FIPS 202 algorithm 5: a shift register gives the bits of the constants. */
const CONSTANTS: readonly (readonly [low: number, high: number])[] = (() => {
  let register = 1;
  const bit = (): number => {
    const out = register & 1;
    register <<= 1;
    if (register & 0x100) register ^= 0x171;
    return out;
  };
  return Array.from({ length: ROUNDS }, () => {
    let [low, high] = [0, 0];
    for (let j = 0; j <= 6; j += 1) {
      const position = 2 ** j - 1;
      if (bit() === 0) continue;
      if (position < 32) low |= 1 << position;
      else high |= 1 << (position - 32);
    }
    return [low, high] as const;
  });
})();

/** FIPS 202 §3.2.2 and §3.2.3: by how much each lane turns, and where it goes. */
const MOVES: readonly { readonly from: number; readonly to: number; readonly by: number }[] = (() => {
  const moves = [{ from: 0, to: 0, by: 0 }];
  let [x, y] = [1, 0];
  for (let t = 0; t < ROUNDS; t += 1) {
    const by = (((t + 1) * (t + 2)) / 2) % 64;
    const next = [y, (2 * x + 3 * y) % 5] as const;
    moves.push({ from: x + 5 * y, to: next[0] + 5 * next[1], by });
    [x, y] = next;
  }
  return moves;
})();

/** Gives bytes for as long as it is asked. */
export interface Sponge {
  squeeze(bytes: number): Uint8Array;
}

export function shake(strength: 128 | 256, ...parts: readonly Uint8Array[]): Sponge {
  const rate = 200 - strength / 4;
  const state = new Int32Array(2 * LANES);
  let at = 0;
  const absorb = (byte: number, position: number): void => {
    const half = position >> 2;
    state[half] = (state[half] as number) ^ (byte << (8 * (position & 3)));
  };
  for (const part of parts) {
    for (const byte of part) {
      absorb(byte, at);
      at += 1;
      if (at === rate) {
        permute(state);
        at = 0;
      }
    }
  }
  absorb(SHAKE_SUFFIX, at);
  absorb(LAST_BIT, rate - 1);
  at = rate;
  return {
    squeeze(bytes) {
      return Uint8Array.from({ length: bytes }, () => {
        if (at === rate) {
          permute(state);
          at = 0;
        }
        const byte = (state[at >> 2] as number) >>> (8 * (at & 3));
        at += 1;
        return byte & 0xff;
      });
    },
  };
}

function permute(state: Int32Array): void {
  const column = new Int32Array(10);
  const moved = new Int32Array(2 * LANES);
  for (const [low, high] of CONSTANTS) {
    theta(state, column);
    for (const { from, to, by } of MOVES) turnLane(state, moved, { from, to, by });
    for (let index = 0; index < 2 * LANES; index += 1) {
      const row = index - (index % 10);
      const first = moved[row + ((index - row + 2) % 10)] as number;
      const second = moved[row + ((index - row + 4) % 10)] as number;
      state[index] = (moved[index] as number) ^ (~first & second);
    }
    state[0] = (state[0] as number) ^ low;
    state[1] = (state[1] as number) ^ high;
  }
}

function theta(state: Int32Array, column: Int32Array): void {
  for (let index = 0; index < 10; index += 1) {
    let parity = 0;
    for (let row = index; row < 2 * LANES; row += 10) parity ^= state[row] as number;
    column[index] = parity;
  }
  for (let x = 0; x < 5; x += 1) {
    const [left, right] = [2 * ((x + 4) % 5), 2 * ((x + 1) % 5)];
    const [low, high] = [column[right] as number, column[right + 1] as number];
    const changeLow = (column[left] as number) ^ ((low << 1) | (high >>> 31));
    const changeHigh = (column[left + 1] as number) ^ ((high << 1) | (low >>> 31));
    for (let lane = 2 * x; lane < 2 * LANES; lane += 10) {
      state[lane] = (state[lane] as number) ^ changeLow;
      state[lane + 1] = (state[lane + 1] as number) ^ changeHigh;
    }
  }
}

function turnLane(
  state: Int32Array,
  moved: Int32Array,
  { from, to, by }: { readonly from: number; readonly to: number; readonly by: number },
): void {
  const swap = by >= 32 ? 1 : 0;
  const low = state[2 * from + swap] as number;
  const high = state[2 * from + 1 - swap] as number;
  const turn = by & 31;
  moved[2 * to] = turn === 0 ? low : (low << turn) | (high >>> (32 - turn));
  moved[2 * to + 1] = turn === 0 ? high : (high << turn) | (low >>> (32 - turn));
}
