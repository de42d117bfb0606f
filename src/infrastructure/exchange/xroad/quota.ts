import type { Database } from "#kernel/database/sql";
import {
  BURST_SECONDS,
  CALLS_MAX,
  CALLS_OF_SYSTEM_MAX,
  EMPTY_LOOK_MAX_MS,
  EMPTY_LOOK_MIN_MS,
  LEASE_SECONDS,
} from "./limits.ts";

/** Why a call has to wait: its system used up its minute, has too many calls under way, or the edge has. */
export type Wait = "minute" | "system" | "edge";

interface Client {
  /** Calls of its minute that this process has taken out of it and not made yet, and from when on they are not good any more. */
  leased: number;
  leasedUntilMs: number;
  /** Until then its minute is used up, by what the database said. */
  emptyUntilMs: number;
  underWay: number;
  asking: Promise<void> | undefined;
}

/**
 * Shares the edge among systems: each has the calls a minute that were agreed, some at once, and so many under way that others always find
 * room. The minute is one for all processes on the database, who take from it a second's worth at a time; places are those of each process.
 */
export class Quotas {
  readonly #database: Pick<Database, "query">;
  readonly #clients = new Map<string, Client>();
  #underWay = 0;

  constructor(database: Pick<Database, "query">) {
    this.#database = database;
  }

  /** Takes one call of a system, or says why not. Who takes one gives it back with `release`. */
  async take(name: string, perMinute: number, nowMs: number): Promise<Wait | undefined> {
    const client = this.#client(name);
    if (this.#underWay >= CALLS_MAX) return "edge";
    if (client.underWay >= CALLS_OF_SYSTEM_MAX) return "system";
    // The place is held while the database is asked.
    client.underWay += 1;
    this.#underWay += 1;
    try {
      if (await this.#takeOfMinute(name, client, { perMinute, nowMs })) return undefined;
    } catch (error) {
      this.release(name);
      throw error;
    }
    this.release(name);
    return "minute";
  }

  release(name: string): void {
    const client = this.#clients.get(name);
    if (client) client.underWay -= 1;
    this.#underWay -= 1;
  }

  #client(name: string): Client {
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = { leased: 0, leasedUntilMs: 0, emptyUntilMs: 0, underWay: 0, asking: undefined };
      this.#clients.set(name, client);
    }
    return client;
  }

  async #takeOfMinute(name: string, client: Client, minute: Minute): Promise<boolean> {
    const { nowMs } = minute;
    for (;;) {
      // A clock that was set back does not make a lease good for longer, nor keep anybody waiting.
      const isGood = nowMs < client.leasedUntilMs && client.leasedUntilMs - nowMs <= LEASE_SECONDS * 2_000;
      if (client.leased >= 1 && isGood) {
        client.leased -= 1;
        return true;
      }
      if (nowMs < client.emptyUntilMs && client.emptyUntilMs - nowMs <= EMPTY_LOOK_MAX_MS) return false;
      // Of many that come at once one asks.
      client.asking ??= this.#lease(name, client, minute).finally(() => {
        client.asking = undefined;
      });
      await client.asking;
    }
  }

  async #lease(name: string, client: Client, { perMinute, nowMs }: Minute): Promise<void> {
    const perSecond = perMinute / 60;
    const most = Math.max(1, perSecond * BURST_SECONDS);
    const wanted = Math.max(1, Math.floor(perSecond * LEASE_SECONDS));
    const [row] = await this.#database.query<{ granted: number; tokens: number }>(TAKE, [
      ...[name, new Date(nowMs).toISOString(), most, perSecond, wanted],
    ]);
    const { granted, tokens } = row ?? { granted: 0, tokens: 0 };
    client.leased = granted;
    client.leasedUntilMs = nowMs + LEASE_SECONDS * 2_000;
    // Whoever keeps asking with an empty minute costs a statement now and then, not one each.
    const nextMs = ((1 - tokens) / perSecond) * 1_000;
    client.emptyUntilMs = granted > 0 ? 0 : nowMs + Math.min(Math.max(nextMs, EMPTY_LOOK_MIN_MS), EMPTY_LOOK_MAX_MS);
  }
}

interface Minute {
  readonly perMinute: number;
  readonly nowMs: number;
}

/** Refills by the time that has passed, then takes as many as there are, at most as many as are wanted. */
const REFILLED = `least($3::float8, m.tokens + greatest(extract(epoch FROM excluded.at - m.at)::float8, 0) * $4::float8)`;
const TAKE = `INSERT INTO exchange.minute AS m (client, at, tokens, granted)
  VALUES ($1, $2, $3::float8 - least(floor($3::float8), $5::float8), least(floor($3::float8), $5::float8))
  ON CONFLICT (client) DO UPDATE SET at = excluded.at,
    granted = least(floor(${REFILLED}), $5::float8),
    tokens = ${REFILLED} - least(floor(${REFILLED}), $5::float8)
  RETURNING granted, tokens`;

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
