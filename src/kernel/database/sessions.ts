import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { databaseFault } from "./database-fault.ts";
import { LISTEN_MAX_RETRY_DELAY_MS, LISTEN_RETRY_DELAY_MS } from "./limits.ts";
import type { AdvisoryLockOutcome } from "./sql.ts";

/** Connections that live long outside the pool: those that listen, those that hold a lock. */

type Handler = (payload: string | undefined) => void;

/** All listening of one database, on one connection that comes back when it broke. */
export class Listener {
  readonly #config: pg.ClientConfig;
  readonly #handlers = new Map<string, Set<Handler>>();
  #client: Promise<pg.Client> | undefined;
  #closed = false;

  constructor(config: pg.ClientConfig) {
    this.#config = config;
  }

  async listen(channel: string, handler: Handler): Promise<() => Promise<void>> {
    const handlers = this.#handlers.get(channel) ?? new Set();
    this.#handlers.set(channel, handlers.add(handler));
    const client = await this.#connected();
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    return async () => {
      handlers.delete(handler);
      if (handlers.size > 0 || this.#closed) return;
      this.#handlers.delete(channel);
      // A connection that is gone listens to nothing, and the next one will not hear of this channel.
      const current = await this.#client?.catch(() => undefined);
      await current?.query(`UNLISTEN ${pg.escapeIdentifier(channel)}`).catch(() => undefined);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  #connected(): Promise<pg.Client> {
    this.#client ??= this.#connect().catch((error) => {
      this.#client = undefined;
      throw databaseFault(error);
    });
    return this.#client;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    client.on("notification", ({ channel, payload }) => this.#tell(channel, payload ?? ""));
    let listening = false;
    let lost = false;
    // Lost before it listens, it is the caller who tries again: two at a time would leave a connection that nobody closes.
    const onLost = () => {
      if (listening && !lost) void this.#comeBack();
      lost = true;
    };
    client.on("error", onLost);
    client.on("end", onLost);
    try {
      await client.connect();
      for (const channel of this.#handlers.keys()) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      if (lost) throw new Error("the connection ended");
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    listening = true;
    return client;
  }

  async #comeBack(): Promise<void> {
    let delayMs = LISTEN_RETRY_DELAY_MS;
    while (!this.#closed) {
      this.#client = this.#connect();
      try {
        await this.#client;
        for (const channel of this.#handlers.keys()) this.#tell(channel, undefined);
        return;
      } catch {
        await sleep(delayMs, undefined, { ref: false });
        delayMs = Math.min(delayMs * 2, LISTEN_MAX_RETRY_DELAY_MS);
      }
    }
  }

  #tell(channel: string, payload: string | undefined): void {
    for (const handler of this.#handlers.get(channel) ?? []) handler(payload);
  }
}

/** Runs work while a connection of its own holds a session-level advisory lock. */
export async function holdAdvisoryLock<T>(
  config: pg.ClientConfig,
  name: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<AdvisoryLockOutcome<T>> {
  const client = new pg.Client(config);
  const lost = new AbortController();
  const onLost = (error?: Error) => lost.abort(databaseFault(error ?? new Error("the connection ended")));
  client.on("error", onLost);
  try {
    await client.connect();
    client.on("end", () => onLost());
    const answer = await client.query("SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held", [name]);
    if (answer.rows[0]?.held !== true) return { held: false };
    return { held: true, value: await work(lost.signal) };
  } catch (error) {
    throw databaseFault(error);
  } finally {
    await client.end().catch(() => undefined); // the lock goes with its session
  }
}
