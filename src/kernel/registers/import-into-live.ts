import type { ObjectSchema } from "../contract/contract.ts";
import type { Transaction } from "../database/sql.ts";
import { COPY_BEGINNING, COPY_END } from "./copy-rows.ts";
import { namesOf } from "./definition.ts";
import type { ImportOptions, ImportReport } from "./import-entries.ts";
import { ImportFault, type ImportProblem } from "./import-fault.ts";
import { IMPORT_BATCH_ROWS, IMPORT_MAX_PROBLEMS } from "./limits.ts";
import type { ReadyRow } from "./ready-rows.ts";
import type { OpenRegister } from "./register-store.ts";
import type { SealedBatch } from "./sealed-batches.ts";
import type { RegisterShape } from "./shape.ts";
import { quoted } from "./statements.ts";

/** What comparing a batch with what is there may use. */
const BATCH_MEMORY = "64MB";

interface Batch {
  readonly data: readonly Buffer[];
  readonly rows: readonly ReadyRow[];
  readonly firstOrdinal: number;
}

/**
 * Batch by batch through a temporary table: what another entry has is found by the indexes while it is inserted, so that two
 * writers at once cannot miss each other. While the server works on one batch, the next one is read and sealed.
 */
export async function importIntoLive<S extends ObjectSchema>(
  register: OpenRegister<S>,
  tx: Transaction,
  batches: AsyncIterable<SealedBatch>,
  options: ImportOptions,
): Promise<ImportReport> {
  const { shape } = register;
  const { current } = namesOf(shape);
  await tx.script(
    `SET LOCAL work_mem = '${BATCH_MEMORY}';
     CREATE TEMPORARY TABLE register_import (LIKE ${current}, ordinal integer NOT NULL) ON COMMIT DROP`,
  );
  const report = { imported: 0, skipped: 0, skippedLines: [] as number[] };
  const problems: ImportProblem[] = [];
  const store = async (batch: Batch) => {
    const taken = await storeBatch(register, tx, batch);
    for (const [ordinal, { subjects, line }] of batch.rows.entries()) {
      const path = taken.get(batch.firstOrdinal + ordinal);
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
  await tx.script("DROP TABLE register_import");
  if (options.duplicates !== "skip" && problems.length > 0) throw new ImportFault(shape.id, problems);
  await agree(register, tx);
  return report;
}

/** What was sealed in one go is little for a statement. */
async function* larger(batches: AsyncIterable<SealedBatch>): AsyncGenerator<Batch, void, undefined> {
  let data: Buffer[] = [];
  let rows: ReadyRow[] = [];
  let firstOrdinal = 0;
  const whole = (): Batch => ({ data: [COPY_BEGINNING, ...data, COPY_END], rows, firstOrdinal });
  for await (const batch of batches) {
    data.push(Buffer.from(batch.data.buffer, batch.data.byteOffset, batch.data.length));
    rows.push(...batch.rows);
    if (rows.length < IMPORT_BATCH_ROWS) continue;
    yield whole();
    firstOrdinal += rows.length;
    data = [];
    rows = [];
  }
  if (rows.length > 0) yield whole();
}

/** The rows that were not stored, by ordinal, each with the attribute that another entry has. */
async function storeBatch<S extends ObjectSchema>(
  { shape, statements }: OpenRegister<S>,
  tx: Transaction,
  batch: Batch,
): Promise<ReadonlyMap<number, string>> {
  const { open, ended } = namesOf(shape);
  const columns = statements.insertColumns.map(quoted).join(", ");
  await tx.copyFrom(`COPY register_import (ordinal, ${columns}) FROM STDIN (FORMAT binary)`, batch.data);
  const free = uniqueColumns(shape).map(
    ({ column }) => `NOT EXISTS (SELECT FROM ${ended} e WHERE e."${column}" = s."${column}" AND e.valid && s.valid)`,
  );
  const taken = await tx.query<{ ordinal: number; path: string | null }>(
    `WITH stored AS (
       INSERT INTO ${open} (${columns}) SELECT ${columns} FROM register_import s WHERE ${free.join(" AND ")}
       ON CONFLICT DO NOTHING RETURNING key
     )
     SELECT s.ordinal, ${takenAttribute(shape)} AS path FROM register_import s
      WHERE NOT EXISTS (SELECT FROM stored WHERE stored.key = s.key)`,
  );
  await tx.script("TRUNCATE register_import");
  return new Map(taken.map(({ ordinal, path }) => [ordinal, path ?? ""]));
}

/** Which unique value is taken by another entry; null when another row of the same batch has it. */
function takenAttribute(shape: RegisterShape): string {
  const { current } = namesOf(shape);
  const cases = uniqueColumns(shape).map(
    ({ column, name }) =>
      `WHEN EXISTS (SELECT FROM ${current} o WHERE o."${column}" = s."${column}" AND o.valid && s.valid) THEN '${name}'`,
  );
  return `CASE ${cases.join(" ")} END`;
}

function uniqueColumns(shape: RegisterShape): readonly { readonly column: string; readonly name: string }[] {
  return [{ column: "key", name: "key" }, ...shape.lookups.filter((each) => each.lookup === "unique")];
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
}
