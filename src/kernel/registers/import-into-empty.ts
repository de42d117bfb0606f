import type { ObjectSchema } from "../contract/contract.ts";
import { COPY_BEGINNING, COPY_END } from "../database/copy-fields.ts";
import { DatabaseFault } from "../database/database-fault.ts";
import type { Transaction } from "../database/sql.ts";
import { dropOpenIndexes, namesOf, restoreOpenIndexes } from "./definition.ts";
import type { ImportOptions, ImportReport } from "./import-entries.ts";
import { ImportFault, type ImportProblem } from "./import-fault.ts";
import { IMPORT_MAX_PROBLEMS } from "./limits.ts";
import type { OpenRegister } from "./register-store.ts";
import type { SealedBatch } from "./sealed-batches.ts";
import { quoted } from "./statements.ts";

/** What building the indexes may use; one import at a time holds the register. */
const INDEX_MEMORY = "256MB";

/** One COPY into the bare table, then the indexes in one go: a third of the work of keeping them up row by row. */
export async function importIntoEmpty<S extends ObjectSchema>(
  register: OpenRegister<S>,
  tx: Transaction,
  batches: AsyncIterable<SealedBatch>,
  options: ImportOptions,
): Promise<ImportReport> {
  const { shape, statements } = register;
  const lines = new Lines();
  await tx.script(dropOpenIndexes(shape));
  const columns = statements.insertColumns.map(quoted).join(", ");
  await tx.copyFrom(
    `COPY ${namesOf(shape).open} (${columns}) FROM STDIN (FORMAT binary)`,
    chunks(batches, { lines, subject: options.subject }),
  );
  await tx.script(`SET LOCAL maintenance_work_mem = '${INDEX_MEMORY}'`);
  try {
    await tx.attempt(() => tx.script(restoreOpenIndexes(shape)));
  } catch (error) {
    if (!(error instanceof DatabaseFault) || error.code !== "ERR_DATABASE_UNIQUE") throw error;
    throw new ImportFault(shape.id, await duplicates(register, tx, lines));
  }
  return { imported: lines.count, skipped: 0, skippedLines: [] };
}

async function* chunks(
  batches: AsyncIterable<SealedBatch>,
  to: { readonly lines: Lines; readonly subject: ImportOptions["subject"] },
): AsyncGenerator<Buffer, void, undefined> {
  yield COPY_BEGINNING;
  for await (const { data, rows } of batches) {
    for (const { subjects, line } of rows) {
      to.lines.add(line);
      if (to.subject !== undefined) for (const id of subjects) to.subject(id);
    }
    yield Buffer.from(data.buffer, data.byteOffset, data.length);
  }
  yield COPY_END;
}

/** Rows lie in the table in the order in which they came: the n-th is that of the n-th line. */
async function duplicates<S extends ObjectSchema>(
  { shape }: OpenRegister<S>,
  tx: Transaction,
  lines: Lines,
): Promise<readonly ImportProblem[]> {
  const { open } = namesOf(shape);
  const problems: ImportProblem[] = [];
  const unique = shape.lookups.filter((each) => each.lookup === "unique");
  for (const { column, name } of [{ column: "key", name: "key" }, ...unique]) {
    const rows = await tx.query<{ ordinal: number }>(
      `SELECT ordinal FROM (
         SELECT row_number() OVER (ORDER BY ctid) AS ordinal,
                row_number() OVER (PARTITION BY "${column}" ORDER BY ctid) AS nth, "${column}" AS value FROM ${open}
       ) each WHERE nth > 1 AND value IS NOT NULL ORDER BY ordinal LIMIT ${IMPORT_MAX_PROBLEMS}`,
    );
    for (const { ordinal } of rows) problems.push({ line: lines.at(ordinal - 1), path: name, problem: "duplicate" });
  }
  return problems.sort((one, other) => one.line - other.line).slice(0, IMPORT_MAX_PROBLEMS);
}

/** The line of each row, in four bytes each. */
class Lines {
  #lines = new Uint32Array(1_024);
  count = 0;

  add(line: number): void {
    if (this.count === this.#lines.length) {
      const larger = new Uint32Array(this.#lines.length * 2);
      larger.set(this.#lines);
      this.#lines = larger;
    }
    this.#lines[this.count] = line;
    this.count += 1;
  }

  at(ordinal: number): number {
    return this.#lines[ordinal] ?? 0;
  }
}
