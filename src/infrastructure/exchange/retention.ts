import type { Sql } from "#kernel/database/sql";
import type { LedgerEntry } from "#kernel/ledger/entry";
import type { Sweep } from "#kernel/services/housekeeping";
import { PROCESSING_RECORD_YEARS } from "#kernel/services/ledger-retention";
import type { Kernel } from "#kernel/system/kernel";
import { readSetting, writeSetting } from "#kernel/system/settings";
import { uuidV7Bound } from "#lib/crypto/uuid";

/** Records of use are kept three years at least (政务数据共享条例, 条号未核); of processing as well (个人信息保护法 §56). */
export const RECORD_YEARS_MIN = PROCESSING_RECORD_YEARS;
export const RECORD_YEARS_MAX = 100;

/** Frames, rows of answers, letters that one statement removes. */
const BATCH_ROWS = 500;
/** Blocks of the table of calls that one statement passes through: calls are not in the order of their frames, and no index leads to them. */
const BATCH_BLOCKS = 1_024;
const SETTING = "exchange records erased";

/** Of which time everything was erased, and the entry that says so. */
interface ErasedRecords {
  /** ISO 8601, UTC: frames, calls, answers and letters before this instant. */
  readonly before: string;
  readonly entry: number;
}

/** How far the months have come, and what was erased last: in a month of which nothing was kept there is nothing to erase. */
interface Reached {
  readonly month: string;
  readonly isDone: boolean;
  readonly erased?: ErasedRecords;
}

/** For the node's housekeeping: what was kept of exchanges is removed when its years are over. */
export function recordSweep(years: number): Sweep {
  return { what: "exchange-records", remove: (kernel) => eraseOldRecords(kernel, { years }) };
}

/** Up to when records of exchanges were erased here. */
export async function erasedRecords(sql: Sql): Promise<ErasedRecords | undefined> {
  return (await readSetting<Reached>(sql, SETTING))?.erased;
}

/**
 * Erases what was kept of exchanges whose years are over, by whole months: signed frames, which message of which frame a call was, which answered
 * it, letters. The ledger's entries stay, provable, as their own contents have their time. An entry says of which time everything was erased before
 * the first row goes, so that whoever holds the other side's evidence can prove that this side's was erased in time, and not withheld.
 * @returns how many rows
 */
export async function eraseOldRecords(
  kernel: Kernel,
  { years, now = kernel.now() }: { readonly years: number; readonly now?: string },
): Promise<number> {
  const { database } = kernel;
  const month = monthBegins(now, Math.max(years, RECORD_YEARS_MIN));
  const reached = await readSetting<Reached>(database, SETTING);
  if (reached?.isDone && reached.month >= month) return 0;
  // A run that was killed goes on with the month that it began, and the next one takes the rest.
  const due = reached?.isDone === false ? reached : await begin(kernel, { years, before: month, now }, reached?.erased);
  const removed = due.erased?.before === due.month ? await removeBefore(database, due.month) : 0;
  await writeSetting(database, SETTING, { ...due, isDone: true }, now);
  return removed;
}

async function removeBefore(database: Sql, before: string): Promise<number> {
  const bound = uuidV7Bound(Date.parse(before), "0");
  const frames = await inBatches((limit) => removeById(database, "frame", { bound, limit }));
  const answers = await inBatches((limit) => removeById(database, "answered", { bound, limit }));
  const letters = await inBatches((limit) => removeLetters(database, before, limit));
  return frames + answers + letters + (await removeCalls(database, bound));
}

/** The month whose first instant lies so many years back. */
function monthBegins(now: string, years: number): string {
  const day = Temporal.Instant.from(now).toZonedDateTimeISO("UTC").subtract({ years });
  return day.with({ day: 1 }).startOfDay().toInstant().toString();
}

interface Due {
  readonly years: number;
  readonly before: string;
  readonly now: string;
}

function begin(kernel: Kernel, due: Due, last: ErasedRecords | undefined): Promise<Reached> {
  const { before, now } = due;
  return kernel.database.transaction(async (transaction) => {
    const bound = uuidV7Bound(Date.parse(before), "0");
    const [found] = await transaction.query<{ readonly any: boolean }>(
      `SELECT EXISTS (SELECT FROM exchange.frame WHERE id < $1) OR EXISTS (SELECT FROM exchange.letter WHERE at < $2) AS any`,
      [bound, before],
    );
    const [entry] = found?.any ? await kernel.ledger.append(transaction, [warrant(kernel, due)]) : [];
    const erased = entry === undefined ? last : { before, entry };
    const begun = { month: before, isDone: false, ...(erased && { erased }) };
    await writeSetting(transaction, SETTING, begun, now);
    return begun;
  });
}

function warrant(kernel: Kernel, { years, before, now }: Due): LedgerEntry {
  return {
    type: "erasure",
    at: now,
    ...{ room: "exchange", operation: "records-erased" },
    actor: { kind: "node", id: "exchange" },
    purpose: "administration",
    legalBasis: ["个人信息保护法 第四十七条"],
    subjects: [],
    outcome: "retention-ended",
    detail: { node: kernel.elsewhere?.proofs?.self ?? "", years, before },
  };
}

/** Frames and rows of answers are numbered by the time of their frame, which was held against the clock when it came. */
function removeById(
  sql: Sql,
  table: "frame" | "answered",
  { bound, limit }: { readonly bound: string; readonly limit: number },
): Promise<number> {
  const id = table === "frame" ? "id" : "answer";
  return sql.execute(
    `DELETE FROM exchange.${table} WHERE ${id} IN
       (SELECT ${id} FROM exchange.${table} WHERE ${id} < $1 ORDER BY ${id} LIMIT $2)`,
    [bound, limit],
  );
}

function removeLetters(sql: Sql, before: string, limit: number): Promise<number> {
  return sql.execute(
    `DELETE FROM exchange.letter WHERE (id, kind, way, peer) IN
       (SELECT id, kind, way, peer FROM exchange.letter WHERE at < $1 ORDER BY at LIMIT $2)`,
    [before, limit],
  );
}

/** A call is as old as the frame in which it went. Once through the table, some blocks at a time. */
async function removeCalls(sql: Sql, bound: string): Promise<number> {
  const [size] = await sql.query<{ readonly blocks: number }>(
    "SELECT (pg_relation_size('exchange.call') / current_setting('block_size')::bigint)::int AS blocks",
  );
  let removed = 0;
  for (let block = 0; block < (size?.blocks ?? 0); block += BATCH_BLOCKS) {
    removed += await sql.execute(
      "DELETE FROM exchange.call WHERE ctid >= $1::tid AND ctid < $2::tid AND frame < $3::uuid",
      [`(${block},0)`, `(${block + BATCH_BLOCKS},0)`, bound],
    );
  }
  return removed;
}

async function inBatches(remove: (limit: number) => Promise<number>): Promise<number> {
  for (let removed = 0; ; ) {
    const batch = await remove(BATCH_ROWS);
    removed += batch;
    if (batch < BATCH_ROWS) return removed;
  }
}
