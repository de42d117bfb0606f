import type { Sql } from "../database/sql.ts";
import { namesOf } from "./definition.ts";
import { microsOf } from "./instant.ts";
import type { ReadyRow } from "./ready-rows.ts";
import type { SealedBatch } from "./sealed-batches.ts";
import type { UniqueValue } from "./sealing.ts";
import type { RegisterShape } from "./shape.ts";

/** A column of which no two entries may have the same value at the same time, and what the error names. */
export interface UniqueColumn {
  readonly column: string;
  readonly name: string;
  readonly type: "uuid" | "text" | "blind index";
}

export function uniqueColumns(shape: RegisterShape): readonly [UniqueColumn, ...UniqueColumn[]] {
  const lookups = shape.lookups.filter((each) => each.lookup === "unique");
  return [
    { column: "key", name: "key", type: "uuid" },
    ...lookups.map(
      ({ column, name, sensitive }) => ({ column, name, type: sensitive ? "blind index" : "text" }) as const,
    ),
  ];
}

interface Asked {
  readonly column: UniqueColumn;
  readonly values: readonly UniqueValue[];
}

/**
 * The rows of a batch that would have what another entry has, or an earlier row that stays, by their place in the batch, each
 * with the attribute.
 */
export async function takenRows(
  shape: RegisterShape,
  sql: Sql,
  batch: readonly SealedBatch[],
): Promise<ReadonlyMap<number, string>> {
  const rows = batch.flatMap((each) => each.rows);
  const [key, ...others] = uniqueColumns(shape);
  const asked: Asked[] = others.map((column, at) => ({
    column,
    values: batch.flatMap(({ unique }) => unique[at] ?? []),
  }));
  for (const [at, column] of others.entries()) {
    for (const values of rivalsOf(batch, at)) asked.push({ column, values });
  }
  // A key of our own is new.
  if (rows.some((row) => row.isKeyGiven)) asked.unshift({ column: key, values: rows.map((row) => row.key) });
  const found = await Promise.all(asked.map((each) => ofOthers(shape, sql, { ...each, rows })));
  const taken = new Map<number, string>();
  for (const [nth, each] of found.entries()) {
    for (const at of each) if (!taken.has(at)) taken.set(at, asked[nth]?.column.name ?? "");
  }
  const seen = asked.map(() => new Set<string>());
  for (let at = 0; at < rows.length; at++) {
    if (taken.has(at)) continue;
    const twice = asked.find(({ values }, nth) => has(seen[nth], values[at]));
    if (twice !== undefined) taken.set(at, twice.column.name);
    else for (const [nth, { values }] of asked.entries()) add(seen[nth], values[at]);
  }
  return taken;
}

/** The values of the nth unique attribute as other generations of the index key made them: an array for each generation. */
export function rivalsOf(batch: readonly SealedBatch[], nth: number): readonly (readonly UniqueValue[])[] {
  const generations = Math.max(0, ...batch.map(({ rivals }) => rivals[nth]?.length ?? 0));
  return Array.from({ length: generations }, (_, at) =>
    batch.flatMap(({ rows, rivals }) => rivals[nth]?.[at] ?? rows.map(() => null)),
  );
}

function has(seen: Set<string> | undefined, value: UniqueValue | undefined): boolean {
  return typeof value === "string" && seen?.has(value) === true;
}

function add(seen: Set<string> | undefined, value: UniqueValue | undefined): void {
  if (typeof value === "string") seen?.add(value);
}

/** The places of the rows whose value another entry has at some time from the row's valid time on. */
async function ofOthers(
  shape: RegisterShape,
  sql: Sql,
  { column, values, rows }: Asked & { readonly rows: readonly ReadyRow[] },
): Promise<readonly number[]> {
  const { open, ended } = namesOf(shape);
  const places = [...values.keys()].filter((at) => values[at] !== null);
  if (places.length === 0) return [];
  const { source, value } = valuesOf(
    column,
    places.map((at) => values[at] ?? ""),
  );
  // LIMIT 1 has each value looked up in the index, however few rows the planner thinks that there are.
  const inOpen = sql.query<{ at: number }>(
    `SELECT s.at FROM ${source} s CROSS JOIN LATERAL (SELECT FROM ${open} o WHERE o."${column.column}" = s.value LIMIT 1) o`,
    [value, places.length],
  );
  const inEnded = sql.query<{ at: number; until: string }>(
    `SELECT s.at, upper(e.valid) AS until FROM ${source} s JOIN ${ended} e ON e."${column.column}" = s.value`,
    [value, places.length],
  );
  const [standing, earlier] = await Promise.all([inOpen, inEnded]);
  const reaching = earlier.filter(({ at, until }) => microsOf(until) > (rows[places[at] ?? 0]?.validFrom ?? 0));
  return [...standing, ...reaching].map(({ at }) => places[at] ?? 0);
}

const BLIND_INDEX_BYTES = 16;

/** Rows (at, value) of one parameter and their number. Blind indexes travel as one string of bytes: an array is twice as long. */
function valuesOf(
  column: UniqueColumn,
  values: readonly string[],
): { readonly source: string; readonly value: unknown } {
  if (column.type !== "blind index") {
    const array = `unnest($1::${column.type}[]) WITH ORDINALITY AS each(value, nth)`;
    return { source: `(SELECT (nth - 1)::int AS at, value FROM ${array} WHERE nth <= $2::int)`, value: values };
  }
  const slice = `substring($1::bytea FROM at * ${BLIND_INDEX_BYTES} + 1 FOR ${BLIND_INDEX_BYTES})`;
  return {
    source: `(SELECT at, ${slice} AS value FROM generate_series(0, $2::int - 1) AS at)`,
    value: Buffer.from(values.join(""), "latin1"),
  };
}
