import { BURST_SECONDS, CALLS_MAX, CALLS_OF_SYSTEM_MAX } from "./limits.ts";

interface Bucket {
  tokens: number;
  atMs: number;
  underWay: number;
}

/** Why a call has to wait: its system used up its minute, has too many calls under way, or the edge has. */
export type Wait = "minute" | "system" | "edge";

/**
 * Shares the edge among systems: each has the calls a minute that were agreed, some at once, and so many under way that others always find
 * room. Kept in the memory of one process.
 */
export class Quotas {
  readonly #buckets = new Map<string, Bucket>();
  #underWay = 0;

  /** Takes one call of a system, or says why not. Who takes one gives it back with `release`. */
  take(client: string, perMinute: number, nowMs: number): Wait | undefined {
    const most = Math.max(1, (perMinute * BURST_SECONDS) / 60);
    const bucket = this.#buckets.get(client) ?? { tokens: most, atMs: nowMs, underWay: 0 };
    this.#buckets.set(client, bucket);
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(most, bucket.tokens + (passedMs * perMinute) / 60_000);
    // A clock that was set back goes on from there.
    bucket.atMs = nowMs;
    if (this.#underWay >= CALLS_MAX) return "edge";
    if (bucket.underWay >= CALLS_OF_SYSTEM_MAX) return "system";
    if (bucket.tokens < 1) return "minute";
    bucket.tokens -= 1;
    bucket.underWay += 1;
    this.#underWay += 1;
    return undefined;
  }

  release(client: string): void {
    const bucket = this.#buckets.get(client);
    if (bucket) bucket.underWay -= 1;
    this.#underWay -= 1;
  }
}

/** Bounds calls under way by name. */
export class Slots {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  take(name: string): boolean {
    const taken = this.#taken.get(name) ?? 0;
    if (taken >= this.#most) return false;
    this.#taken.set(name, taken + 1);
    return true;
  }

  release(name: string): void {
    const left = (this.#taken.get(name) ?? 1) - 1;
    if (left > 0) this.#taken.set(name, left);
    else this.#taken.delete(name);
  }
}
