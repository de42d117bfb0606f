/**
 * While the index key changes, one value can stand in a column as two blind indexes, which a unique constraint takes for two values. So whoever
 * writes one looks for the other himself, under a lock on both: of two who write the same value at once, the later one sees it.
 */
import type { Transaction } from "../database/sql.ts";
import { namesOf } from "./definition.ts";
import { RegisterFault } from "./faults.ts";
import { isoOf, rangeOf } from "./instant.ts";
import type { SealedBatch } from "./sealed-batches.ts";
import type { RegisterShape } from "./shape.ts";
import { rivalsOf, uniqueColumns } from "./taken-rows.ts";
import type { StoredVersion } from "./version.ts";

/** @throws ERR_REGISTER_NOT_UNIQUE when another entry has a value, as another generation of the key made it, at the same time */
export async function refuseRivals(
  tx: Transaction,
  shape: RegisterShape,
  versions: readonly StoredVersion[],
): Promise<void> {
  if (versions.every(({ rivals }) => rivals.length === 0)) return;
  const { current } = namesOf(shape);
  const digests = versions.flatMap(({ lookups, rivals }) => [
    ...rivals.flatMap((each) => each.digests),
    ...lookups.filter((each) => each instanceof Uint8Array),
  ]);
  const names = [...new Set(digests.map((each) => Buffer.from(each).toString("hex")))].sort();
  await tx.query(`SELECT pg_advisory_xact_lock_shared(${lockOf(shape)})`);
  // One after another in one order, so that two writers do not wait for each other.
  for (const name of names) await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", [name]);
  for (const { validFrom, validTo, rivals } of versions) {
    for (const { column, attribute, digests: others } of rivals) {
      const [taken] = await tx.query(
        `SELECT 1 FROM ${current} v WHERE v."${column}" = ANY ($1::bytea[]) AND v.valid && $2::tstzrange LIMIT 1`,
        [others.map((each) => Buffer.from(each)), rangeOf(validFrom, validTo)],
      );
      if (taken !== undefined) throw new RegisterFault("ERR_REGISTER_NOT_UNIQUE", { register: shape.id, attribute });
    }
  }
}

/** Keeps what an import must not meet in another form, until {@link rivalOf} looks. */
export async function keepRivals(
  tx: Transaction,
  shape: RegisterShape,
  { batch, taken }: { readonly batch: readonly SealedBatch[]; readonly taken: ReadonlyMap<number, string> },
): Promise<void> {
  const rows = batch.flatMap((each) => each.rows);
  for (const [nth, { column }] of uniqueColumns(shape).slice(1).entries()) {
    // Of a column in the clear there are none.
    for (const values of rivalsOf(batch, nth)) {
      const kept = values.flatMap((value, at) =>
        value === null || taken.has(at)
          ? []
          : [{ value: Buffer.from(value, "latin1"), from: isoOf(rows[at]?.validFrom ?? 0) }],
      );
      await tx.execute(
        `CREATE TEMPORARY TABLE IF NOT EXISTS register_rival
           (register text, name text, value bytea, valid_from timestamptz) ON COMMIT DROP`,
      );
      await tx.execute(
        "INSERT INTO register_rival SELECT $1, $2, v.value, v.valid_from FROM unnest($3::bytea[], $4::timestamptz[]) AS v (value, valid_from)",
        [shape.id, column, kept.map(({ value }) => value), kept.map(({ from }) => from)],
      );
    }
  }
}

/** The attribute of which another act wrote, in another form, what an import brought; from here to the commit nobody does. */
export async function rivalOf(tx: Transaction, shape: RegisterShape): Promise<string | undefined> {
  const [kept] = await tx.query<{ there: boolean }>(
    "SELECT to_regclass('pg_temp.register_rival') IS NOT NULL AS there",
  );
  if (kept?.there !== true) return undefined;
  await tx.query(`SELECT pg_advisory_xact_lock(${lockOf(shape)})`);
  for (const { column, name, type } of uniqueColumns(shape)) {
    if (type !== "blind index") continue;
    const [met] = await tx.query(
      `SELECT 1 FROM register_rival r JOIN ${namesOf(shape).current} v ON v."${column}" = r.value
        WHERE r.register = $1 AND r.name = $2 AND v.valid && tstzrange(r.valid_from, NULL) LIMIT 1`,
      [shape.id, column],
    );
    if (met !== undefined) return name;
  }
  return undefined;
}

function lockOf(shape: RegisterShape): string {
  return `hashtextextended('register.rivals ${shape.id}', 0)`;
}
