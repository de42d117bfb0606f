import type { ObjectSchema } from "../contract/contract.ts";
import { COPY_BEGINNING, COPY_END } from "../database/copy-fields.ts";
import { DatabaseFault } from "../database/database-fault.ts";
import type { Transaction } from "../database/sql.ts";
import { namesOf } from "./definition.ts";
import type { ImportOptions, ImportReport } from "./import-entries.ts";
import { ImportFault, type ImportProblem } from "./import-fault.ts";
import { IMPORT_BATCH_ROWS, IMPORT_MAX_PROBLEMS, IMPORT_OVERTAKEN_MAX } from "./limits.ts";
import type { OpenRegister } from "./register-store.ts";
import { keepRivals, rivalOf } from "./rivals.ts";
import type { SealedBatch } from "./sealed-batches.ts";
import { quoted } from "./statements.ts";
import { takenRows, uniqueColumns } from "./taken-rows.ts";

/**
 * Batch by batch: one look at what other entries have, then one COPY of the rest into the table itself. The indexes hold what
 * the look could not see: when another writer was faster in between, the batch is taken back and looked at anew. While
 * the server works on one batch, the next one is read and sealed.
 */
export async function importIntoLive<S extends ObjectSchema>(
  register: OpenRegister<S>,
  tx: Transaction,
  batches: AsyncIterable<SealedBatch>,
  options: ImportOptions,
): Promise<ImportReport> {
  const { shape } = register;
  const report = { imported: 0, skipped: 0, skippedLines: [] as number[] };
  const problems: ImportProblem[] = [];
  const store = async (batch: readonly SealedBatch[]) => {
    const taken = await storeBatch(register, tx, batch);
    for (const [at, { subjects, line }] of batch.flatMap(({ rows }) => rows).entries()) {
      const path = taken.get(at);
      if (path === undefined) {
        report.imported += 1;
        if (options.subject !== undefined) for (const id of subjects) options.subject(id);
      } else {
        report.skipped += 1;
        if (report.skippedLines.length < IMPORT_MAX_PROBLEMS) report.skippedLines.push(line);
        if (problems.length < IMPORT_MAX_PROBLEMS) problems.push({ line, path, problem: "duplicate" });
      }
    }
  };
  let storing: Promise<void> = Promise.resolve();
  try {
    for await (const batch of larger(batches)) {
      await storing;
      storing = store(batch);
      storing.catch(() => undefined); // seen when it is awaited
      if (options.duplicates !== "skip" && problems.length >= IMPORT_MAX_PROBLEMS) break;
    }
  } finally {
    await storing;
  }
  if (options.duplicates !== "skip" && problems.length > 0) throw new ImportFault(shape.id, problems);
  await agree(register, tx);
  return report;
}

/** What was sealed in one go is little for a statement. */
async function* larger(batches: AsyncIterable<SealedBatch>): AsyncGenerator<readonly SealedBatch[], void, undefined> {
  let together: SealedBatch[] = [];
  let rows = 0;
  for await (const batch of batches) {
    together.push(batch);
    rows += batch.rows.length;
    if (rows < IMPORT_BATCH_ROWS) continue;
    yield together;
    together = [];
    rows = 0;
  }
  if (rows > 0) yield together;
}

/** The rows that were not stored, by their place in the batch, each with the attribute that another entry has. */
async function storeBatch<S extends ObjectSchema>(
  { shape, statements }: OpenRegister<S>,
  tx: Transaction,
  batch: readonly SealedBatch[],
): Promise<ReadonlyMap<number, string>> {
  const columns = statements.insertColumns.map(quoted).join(", ");
  const copy = `COPY ${namesOf(shape).open} (${columns}) FROM STDIN (FORMAT binary)`;
  for (let overtaken = 0; ; overtaken++) {
    try {
      return await tx.attempt(async () => {
        const taken = await takenRows(shape, tx, batch);
        await tx.copyFrom(copy, without(batch, taken));
        await keepRivals(tx, shape, { batch, taken });
        return taken;
      });
    } catch (error) {
      const wasFaster = error instanceof DatabaseFault && error.code === "ERR_DATABASE_UNIQUE";
      if (!wasFaster || overtaken === IMPORT_OVERTAKEN_MAX) throw error;
    }
  }
}

/** The COPY data of a batch, but for some rows. The other rows of what was sealed together stay together: each message costs. */
function* without(batch: readonly SealedBatch[], taken: ReadonlyMap<number, string>): Generator<Buffer> {
  yield COPY_BEGINNING;
  let first = 0;
  for (const { data, ends, rows } of batch) {
    const kept = Buffer.allocUnsafe(data.length);
    let size = 0;
    let begin = 0;
    const keep = (end: number) => {
      kept.set(data.subarray(begin, end), size);
      size += end - begin;
    };
    for (let at = 0; at < rows.length; at++) {
      if (!taken.has(first + at)) continue;
      keep(at === 0 ? 0 : (ends[at - 1] ?? 0));
      begin = ends[at] ?? 0;
    }
    keep(data.length);
    if (size > 0) yield kept.subarray(0, size);
    first += rows.length;
  }
  yield COPY_END;
}

/**
 * The last look: an ended version that another act wrote after a batch was stored. From here to the commit nobody writes one
 * (the trigger of the tables waits for this lock).
 */
async function agree<S extends ObjectSchema>({ shape }: OpenRegister<S>, tx: Transaction): Promise<void> {
  const { open, ended, importLock } = namesOf(shape);
  await tx.execute(`SELECT pg_advisory_xact_lock(${importLock})`);
  for (const { column, name } of uniqueColumns(shape)) {
    const [row] = await tx.query<{ overlap: boolean }>(
      `SELECT EXISTS (SELECT FROM ${ended} e JOIN ${open} o ON o."${column}" = e."${column}" AND o.valid && e.valid) AS overlap`,
    );
    if (row?.overlap === true) throw new ImportFault(shape.id, [{ line: 0, path: name, problem: "duplicate" }]);
  }
  const path = await rivalOf(tx, shape);
  if (path !== undefined) throw new ImportFault(shape.id, [{ line: 0, path, problem: "duplicate" }]);
}
