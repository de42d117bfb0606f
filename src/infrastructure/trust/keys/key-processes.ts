/** Which processes have the node's key open: who renews it waits until each wraps with the new one. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { keepLooking } from "#kernel/database/keep-looking";
import type { Database } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import "../faults.ts";
import { KEYS_CHANGED_CHANNEL } from "./data-key-rows.ts";
import { LOOK_AGAIN_MS } from "./data-keys.ts";
import type { FollowedNodeKey } from "./followed-node-key.ts";

/** So long the others have to take in a new key: they look by themselves well within it. */
const FOLLOW_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 100;
/** Before a process whose connection broke says again that it is there. */
const AGAIN_MS = 1_000;
/** A node has one process, and while it is upgraded or commands run some more. */
const PROCESSES_MAX = 1_000;

export interface KeyProcess {
  readonly id: string;
  readonly wrapsWith: string;
  readonly pid: number;
}

/**
 * Says that this process has the node's key open, and follows when that is renewed.
 * @returns what ends it
 */
export async function holdNodeKey(options: {
  readonly database: Database;
  readonly nodeKey: FollowedNodeKey;
  readonly onFault: (fault: unknown) => void;
}): Promise<() => Promise<void>> {
  const { database, nodeKey, onFault } = options;
  const id = randomUUID();
  const ended = new AbortController();
  const said = Promise.withResolvers<void>();
  let told = "";
  const tell = async () => {
    const wrapsWith = nodeKey.secrets.name;
    await say(database, { id, wrapsWith });
    told = wrapsWith;
  };
  const hold = () =>
    database.tryAdvisoryLock(lockOf(id), async (broken) => {
      await nodeKey.follow().catch(onFault);
      await tell();
      said.resolve();
      await fired(AbortSignal.any([broken, ended.signal]));
    });
  const holding = (async () => {
    while (!ended.signal.aborted) {
      await hold().catch((error: unknown) => {
        said.reject(error);
        onFault(error);
      });
      if (!ended.signal.aborted) await sleep(AGAIN_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  })();
  try {
    await said.promise;
  } catch (error) {
    ended.abort();
    await holding;
    throw error;
  }
  const stopLooking = await keepLooking({
    ...{ database, channel: KEYS_CHANGED_CHANNEL, everyMs: LOOK_AGAIN_MS, onFault },
    look: async () => {
      // Whoever put something under it may have followed before this look.
      await nodeKey.follow();
      if (nodeKey.secrets.name !== told) await tell();
    },
  });
  return async () => {
    await stopLooking();
    ended.abort();
    await holding;
    await database.execute("DELETE FROM trust.key_process WHERE id = $1", [id]);
  };
}

/** Those that are alive; what others left is cleared away. */
export async function liveProcesses(database: Database): Promise<readonly KeyProcess[]> {
  const rows = await database.query<KeyProcess>(
    'SELECT id, wraps_with AS "wrapsWith", pid FROM trust.key_process ORDER BY since, id LIMIT $1',
    [PROCESSES_MAX],
  );
  const live: KeyProcess[] = [];
  for (const row of rows) {
    // Who can take its lock knows that it is gone.
    const taken = await database.tryAdvisoryLock(lockOf(row.id), async () => {
      await database.execute("DELETE FROM trust.key_process WHERE id = $1", [row.id]);
    });
    if (!taken.held) live.push(row);
  }
  return live;
}

/**
 * Waits until every living process wraps with a key.
 * @returns how many there are
 * @throws {Fault} ERR_TRUST_KEY_PROCESSES where one does not follow
 */
export async function awaitFollowers(
  database: Database,
  { name, timeoutMs = FOLLOW_TIMEOUT_MS }: { readonly name: string; readonly timeoutMs?: number | undefined },
): Promise<number> {
  await database.query("SELECT pg_notify($1, $2)", [KEYS_CHANGED_CHANNEL, "node-key"]);
  for (let waitedMs = 0; ; waitedMs += ASK_AGAIN_MS) {
    const live = await liveProcesses(database);
    const behind = live.filter(({ wrapsWith }) => wrapsWith !== name);
    if (behind.length === 0) return live.length;
    if (waitedMs >= timeoutMs) {
      throw new Fault("ERR_TRUST_KEY_PROCESSES", { message: `process ${behind.map(({ pid }) => pid).join(", ")}` });
    }
    await sleep(ASK_AGAIN_MS);
  }
}

async function say(database: Database, { id, wrapsWith }: Pick<KeyProcess, "id" | "wrapsWith">): Promise<void> {
  await database.execute(
    `INSERT INTO trust.key_process (id, wraps_with, pid, since) VALUES ($1, $2, $3, now())
     ON CONFLICT (id) DO UPDATE SET wraps_with = excluded.wraps_with`,
    [id, wrapsWith, process.pid],
  );
}

function lockOf(id: string): string {
  return `trust.key_process ${id}`;
}

function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
