import type { ObjectSchema } from "../contract/contract.ts";
import { randomUuid } from "../random.ts";
import { unwantedMark } from "../secrecy/marked-content.ts";
import type { ImportRow, ImportRows, ImportScope } from "./import-entries.ts";
import { ImportFault, type ImportProblem, LineFault } from "./import-fault.ts";
import { type Micros, microsOf } from "./instant.ts";
import { IMPORT_MAX_PROBLEMS, READY_BATCH_ROWS } from "./limits.ts";
import type { OpenRegister } from "./register-store.ts";
import type { CheckedRow } from "./sealing.ts";
import { subjectIds } from "./subjects.ts";
import type { Value } from "./version.ts";
import { isKey } from "./writes.ts";

/** How a line is named that is marked as a state secret. */
export const MARKED = "marked as a state secret";

/** One row, ready to be sealed. */
export interface ReadyRow extends CheckedRow {
  readonly subjects: readonly string[];
  /** Whether the key came with the row: only then another entry may have it. */
  readonly isKeyGiven: boolean;
  readonly line: number;
}

/**
 * Checks rows, batch by batch: a step of an asynchronous generator for each row would cost a tenth of the whole.
 * After the first faulty row the others are only looked at.
 */
export async function* readyRows<S extends ObjectSchema>(
  register: OpenRegister<S>,
  scope: ImportScope,
  batches: AsyncIterable<readonly ImportRow[]>,
): AsyncGenerator<readonly ReadyRow[], void, undefined> {
  const recordedFrom = microsOf(scope.act.at);
  const problems: ImportProblem[] = [];
  let ordinal = 0;
  const readyRow = (row: ImportRow): ReadyRow | undefined => {
    ordinal += 1;
    const line = row.line ?? ordinal;
    const value = checked(register, row, line, problems);
    const marked = value === undefined ? undefined : unwantedMark(scope.act.zone, value);
    if (marked !== undefined) problems.push({ line, path: marked, problem: MARKED });
    if (problems.length > 0 || value === undefined) return undefined;
    const key = row.key ?? randomUuid(Math.max(0, Math.floor(recordedFrom / 1_000)));
    return {
      key,
      validFrom: validFromOf(row, recordedFrom),
      value,
      subjects: subjectIds(register, key, value),
      isKeyGiven: row.key !== undefined,
      line,
    };
  };
  try {
    for await (const batch of batches) {
      const ready = batch.map(readyRow).filter((row) => row !== undefined);
      if (problems.length >= IMPORT_MAX_PROBLEMS) break;
      if (problems.length === 0 && ready.length > 0) yield ready;
    }
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    problems.push({ line: error.line, path: "", problem: error.message });
  }
  if (problems.length > 0) throw new ImportFault(register.shape.id, problems.slice(0, IMPORT_MAX_PROBLEMS));
}

/** What comes one by one, in arrays. What came before a fault of the reader is handed out before it. */
export async function* inBatches(rows: ImportRows): AsyncGenerator<readonly ImportRow[], void, undefined> {
  if (!(Symbol.asyncIterator in rows)) return yield* ofSome(rows);
  let batch: ImportRow[] = [];
  try {
    for await (const given of rows) {
      if (Array.isArray(given)) yield given as readonly ImportRow[];
      else if (batch.push(given as ImportRow) === READY_BATCH_ROWS) {
        yield batch;
        batch = [];
      }
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}

function* ofSome(rows: Iterable<ImportRow>): Generator<readonly ImportRow[], void, undefined> {
  let batch: ImportRow[] = [];
  for (const row of rows) {
    if (batch.push(row) < READY_BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
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

function validFromOf(row: ImportRow, recordedFrom: Micros): Micros {
  return row.validFrom === undefined ? recordedFrom : microsOf(row.validFrom);
}
