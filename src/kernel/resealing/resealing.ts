import { isOpenSince } from "../database/open-transactions.ts";
import type { Database, Sql, Transaction } from "../database/sql.ts";
import type { SealedPart } from "./part.ts";

/** How long one call works; then whoever called decides when it goes on. */
export const SLICE_MS = 20_000;
/** Of the time, how much the work may take: the rest is for people. */
export const DUTY = 0.5;
const STEP_TIMEOUT_MS = 60_000;

/** How the names of parts begin that are found anew: they are one pass, what is sealed anew is another. */
export const INDEX_PREFIX = "index ";

/** Which parts belong to a pass, as SQL; $n tells whether it is the one of what is found. */
const ofPass = (parameter: string) => `starts_with(name, '${INDEX_PREFIX}') = ${parameter}`;

/** How far a part has come. */
export interface PartProgress {
  readonly name: string;
  readonly position: number;
  readonly size: number;
  readonly resealed: number;
  readonly closed: number;
  readonly finished: boolean;
}

/** `working`: go on. `again`: a pass ended that found something. `clear`: nothing is sealed with another key any more. `left`: only what cannot be opened. */
export type Outcome = "working" | "again" | "clear" | "left";

export interface ResealingOptions {
  readonly database: Database;
  readonly parts: readonly SealedPart[];
  /** What is made anew with a key: default what it seals; else what it finds. */
  readonly what?: "seal" | "index";
  /** The key that seals, or finds, now. */
  readonly keyId: string;
  /** From when on every process seals with it: a pass that began before may have missed something. ISO 8601. */
  readonly settledAt: string;
  readonly now: () => string;
  readonly signal?: AbortSignal;
  readonly sliceMs?: number;
}

/**
 * Goes on with sealing everything anew. Each step commits with where the next begins, so that a kill loses nothing; processes that do
 * it at once take turns.
 */
export async function reseal(options: ResealingOptions): Promise<Outcome> {
  const { database, parts, signal, sliceMs = SLICE_MS } = options;
  const endMs = performance.now() + sliceMs;
  await beginPass(options);
  for (const part of parts) {
    for (let finished = false; !finished; ) {
      if (signal?.aborted === true || performance.now() > endMs) return "working";
      const beganMs = performance.now();
      const step = await database.transaction((tx) => takeStep(tx, part, options.keyId), {
        timeoutMs: STEP_TIMEOUT_MS,
      });
      finished = step !== "on";
      if (step === "other-key") return "working";
      await pause((performance.now() - beganMs) * (1 / DUTY - 1), signal);
    }
  }
  return endPass(options);
}

/** How far it is, part by part; empty where nothing was ever sealed anew. */
export function resealingProgress(sql: Sql): Promise<readonly PartProgress[]> {
  return sql.query<PartProgress>(
    "SELECT name, position, size, resealed, closed, finished FROM resealing.part ORDER BY name",
  );
}

/** A pass under another key, or over parts that are gone, is begun anew. */
async function beginPass({ database, parts, keyId, what, settledAt, now }: ResealingOptions): Promise<void> {
  await database.transaction(async (tx) => {
    await lock(tx);
    // What an older transaction sealed with the key before is not to be seen yet: this pass may miss it, and is followed by another.
    const isEarly = await isOpenSince(tx, Date.parse(now()) - Date.parse(settledAt));
    const finds = what === "index";
    await tx.execute(`DELETE FROM resealing.part WHERE key_id <> $1 AND ${ofPass("$2")}`, [keyId, finds]);
    await tx.execute(
      `INSERT INTO resealing.part (name, key_id, position, size, resealed, closed, finished, began_at)
       SELECT name, $2, 0, 0, 0, 0, false, $3 FROM unnest($1::text[]) AS name ON CONFLICT (name) DO NOTHING`,
      [parts.map(({ name }) => name), keyId, isEarly ? "-infinity" : now()],
    );
    await tx.execute(`DELETE FROM resealing.part WHERE name <> ALL ($1) AND ${ofPass("$2")}`, [
      ...[parts.map(({ name }) => name), finds],
    ]);
  });
}

async function takeStep(tx: Transaction, part: SealedPart, keyId: string): Promise<"on" | "done" | "other-key"> {
  const [row] = await tx.query<{ position: number; finished: boolean }>(
    "SELECT position, finished FROM resealing.part WHERE name = $1 AND key_id = $2 FOR UPDATE",
    [part.name, keyId],
  );
  if (row === undefined) return "other-key";
  if (row.finished) return "done";
  const { position, size, resealed, closed } = await part.step(tx, row.position);
  const finished = position >= size;
  await tx.execute(
    `UPDATE resealing.part SET position = least($2::bigint, $3::bigint), size = $3, resealed = resealed + $4, closed = closed + $5, finished = $6
      WHERE name = $1`,
    [part.name, position, size, resealed, closed, finished],
  );
  return finished ? "done" : "on";
}

async function endPass({ database, keyId, settledAt }: ResealingOptions): Promise<Outcome> {
  return database.transaction(async (tx) => {
    await lock(tx);
    const [pass] = await tx.query<{ open: number; resealed: number; closed: number; early: boolean }>(
      `SELECT count(*) FILTER (WHERE NOT finished) AS open, coalesce(sum(resealed), 0)::bigint AS resealed,
         coalesce(sum(closed), 0)::bigint AS closed, coalesce(min(began_at) < $2::timestamptz, true) AS early
       FROM resealing.part WHERE key_id = $1`,
      [keyId, settledAt],
    );
    if (pass === undefined || pass.open > 0) return "working";
    if (pass.resealed === 0 && !pass.early) return pass.closed > 0 ? "left" : "clear";
    await tx.execute("DELETE FROM resealing.part WHERE key_id = $1", [keyId]);
    return "again";
  });
}

async function lock(tx: Transaction): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('resealing', 0))");
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms < 1 || signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
