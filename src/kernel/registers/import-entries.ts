import type { ObjectSchema } from "../contract/contract.ts";
import type { Transaction } from "../database/sql.ts";
import { isFault } from "../errors/fault.ts";
import { randomUuid } from "../random.ts";
import type { Act } from "../system/act.ts";
import { namesOf } from "./definition.ts";
import { RegisterFault } from "./faults.ts";
import { ImportFault, type ImportProblem, LineFault } from "./import-fault.ts";
import { importIntoEmpty } from "./import-into-empty.ts";
import { importIntoLive } from "./import-into-live.ts";
import { type Micros, microsOf } from "./instant.ts";
import { digestOf, storeLegalBasis } from "./legal-bases.ts";
import { ANALYZE_MIN_ROWS, IMPORT_MAX_PROBLEMS } from "./limits.ts";
import type { OpenRegister } from "./register-store.ts";
import { subjectIds } from "./subjects.ts";
import type { StoredVersion, Value } from "./version.ts";
import { isKey } from "./writes.ts";

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

/** One row, ready for the tables. */
export interface ReadyRow {
  readonly version: StoredVersion;
  readonly subjects: readonly string[];
  readonly line: number;
}

export type ImportRows = AsyncIterable<ImportRow> | Iterable<ImportRow>;

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
  const ready = readyRows(register, scope, rows);
  const mayFill = options.duplicates !== "skip" && (await isEmpty(register, tx));
  await tx.execute("SELECT set_config('register.bulk', 'on', true)");
  const report = mayFill
    ? await importIntoEmpty(register, tx, ready, options)
    : await importIntoLive(register, tx, ready, options);
  await tx.execute("SELECT set_config('register.bulk', 'off', true)");
  if (report.imported >= ANALYZE_MIN_ROWS) await tx.execute(`ANALYZE ${namesOf(register.shape).open}`);
  return report;
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

/** Parses and seals row by row. After the first faulty row the others are only looked at. */
async function* readyRows<S extends ObjectSchema>(
  register: OpenRegister<S>,
  scope: ImportScope,
  rows: ImportRows,
): AsyncGenerator<ReadyRow, void, undefined> {
  const recordedFrom = microsOf(scope.act.at);
  const provenance = {
    authority: scope.authority,
    legalBasis: digestOf(scope.act.legalBasis),
    caseId: scope.act.caseId,
    actId: scope.act.id,
  };
  const problems: ImportProblem[] = [];
  let ordinal = 0;
  try {
    for await (const row of rows) {
      ordinal += 1;
      const line = row.line ?? ordinal;
      const value = checked(register, row, line, problems);
      if (problems.length >= IMPORT_MAX_PROBLEMS) break;
      if (problems.length > 0 || value === undefined) continue;
      const key = row.key ?? randomUuid(Math.max(0, Math.floor(recordedFrom / 1_000)));
      const place = { key, validFrom: validFromOf(row, recordedFrom), validTo: undefined, recordedFrom };
      const version = encoded(() => register.codec.encode(value, place, provenance), line, problems);
      if (version !== undefined) yield { version, subjects: subjectIds(register, key, value), line };
    }
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    problems.push({ line: error.line, path: "", problem: error.message });
  }
  if (problems.length > 0) throw new ImportFault(register.shape.id, problems);
}

function checked<S extends ObjectSchema>(
  register: OpenRegister<S>,
  row: ImportRow,
  line: number,
  problems: ImportProblem[],
): Value | undefined {
  const parsed = register.declaration.schema.safeParse(row.value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push({ line, path: issue.path.join("."), problem: issue.code });
    return undefined;
  }
  if (row.key !== undefined && !isKey(row.key)) problems.push({ line, path: "key", problem: "no uuid" });
  if (row.validFrom !== undefined) {
    try {
      microsOf(row.validFrom);
    } catch {
      problems.push({ line, path: "validFrom", problem: "no instant" });
    }
  }
  return parsed.data as Value;
}

/** A value that the schema lets pass may still be too long for the tables. */
function encoded(encode: () => StoredVersion, line: number, problems: ImportProblem[]): StoredVersion | undefined {
  try {
    return encode();
  } catch (error) {
    if (!isFault(error, "ERR_REGISTER_VALUE")) throw error;
    problems.push({ line, path: error instanceof RegisterFault ? (error.attribute ?? "") : "", problem: "too_big" });
    return undefined;
  }
}

function validFromOf(row: ImportRow, recordedFrom: Micros): Micros {
  return row.validFrom === undefined ? recordedFrom : microsOf(row.validFrom);
}
