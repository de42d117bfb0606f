import type { ObjectSchema } from "../contract/contract.ts";
import type { Transaction } from "../database/sql.ts";
import type { Act } from "../system/act.ts";
import { nameColumnsOf, namesOf } from "./definition.ts";
import { importIntoEmpty } from "./import-into-empty.ts";
import { importIntoLive } from "./import-into-live.ts";
import { storeLegalBasis } from "./legal-bases.ts";
import { ANALYZE_MIN_ROWS, ANALYZE_MIN_SHARE } from "./limits.ts";
import { inBatches, readyRows } from "./ready-rows.ts";
import type { OpenRegister } from "./register-store.ts";
import { sealedBatches } from "./sealed-batches.ts";
import type { RegisterShape } from "./shape.ts";
import { quoted } from "./statements.ts";

/** What an import is part of. Its transaction must not be tried again: the rows come once. */
export interface ImportScope {
  readonly tx: Transaction;
  readonly act: Act;
  readonly authority: string;
}

export interface ImportRow {
  readonly value: unknown;
  /** Of a new entry, where others must know it beforehand. */
  readonly key?: string | undefined;
  /** ISO 8601; the instant of the act when left out. */
  readonly validFrom?: string | undefined;
  /** Where the row stands in its file; its ordinal when left out. */
  readonly line?: number | undefined;
}

export interface ImportOptions {
  /** A row whose unique value or key is taken: refuse the whole import (default), or skip the row and say so. */
  readonly duplicates?: "refuse" | "skip";
  /** Called for each subject of each imported row, in order: for one ledger entry over all of them. */
  readonly subject?: (id: string) => void;
}

export interface ImportReport {
  readonly imported: number;
  readonly skipped: number;
  /** Lines that were skipped, the first ones. */
  readonly skippedLines: readonly number[];
}

/** Rows, one by one or in arrays: readers of files hand out what a chunk held. */
export type ImportRows = AsyncIterable<ImportRow | readonly ImportRow[]> | Iterable<ImportRow>;

/**
 * Brings new entries in, as a stream: all of them or, when any has a fault, none. An empty register is filled without its
 * indexes, which are built afterwards; a live one is open to others meanwhile.
 * @throws ImportFault (ERR_REGISTER_IMPORT) that names the lines
 */
export async function importEntries<S extends ObjectSchema>(
  register: OpenRegister<S>,
  scope: ImportScope,
  rows: ImportRows,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const { tx } = scope;
  await storeLegalBasis(tx, scope.act.legalBasis);
  const ready = readyRows(register, scope, inBatches(rows));
  const mayFill = options.duplicates !== "skip" && (await isEmpty(register, tx));
  await tx.execute("SELECT set_config('register.bulk', 'on', true)");
  const report = mayFill
    ? await importIntoEmpty(register, tx, sealedBatches(register, scope, ready, { tellsUnique: false }), options)
    : await importIntoLive(register, tx, sealedBatches(register, scope, ready, { tellsUnique: true }), options);
  await tx.execute("SELECT set_config('register.bulk', 'off', true)");
  if (await isWorthAnalyzing(register, tx, report.imported)) await tx.execute(analyzed(register.shape));
  return report;
}

async function isWorthAnalyzing<S extends ObjectSchema>(
  { shape }: OpenRegister<S>,
  tx: Transaction,
  imported: number,
): Promise<boolean> {
  if (imported < ANALYZE_MIN_ROWS) return false;
  const [known] = await tx.query<{ rows: number }>("SELECT reltuples AS rows FROM pg_class WHERE oid = $1::regclass", [
    namesOf(shape).open,
  ]);
  return known === undefined || imported >= known.rows * ANALYZE_MIN_SHARE;
}

/** What is searched by alone: the rest would double what looking at it costs. */
function analyzed(shape: RegisterShape): string {
  const columns = ["key", "valid", ...shape.lookups.map((each) => each.column), ...nameColumnsOf(shape)];
  return `ANALYZE ${namesOf(shape).open} (${columns.map(quoted).join(", ")})`;
}

/** Whether nothing is in it; if so, nobody else gets near it until the transaction ends. */
async function isEmpty<S extends ObjectSchema>({ shape }: OpenRegister<S>, tx: Transaction): Promise<boolean> {
  const { current } = namesOf(shape);
  const look = async () => {
    const [row] = await tx.query<{ empty: boolean }>(`SELECT NOT EXISTS (SELECT FROM ${current}) AS empty`);
    return row?.empty === true;
  };
  if (!(await look())) return false;
  await tx.execute(`LOCK TABLE ${current} IN ACCESS EXCLUSIVE MODE`);
  return look();
}
