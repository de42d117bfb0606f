import { columnsOf, nameColumnsOf, namesOf } from "./definition.ts";
import type { RegisterShape } from "./shape.ts";

/** The SQL of one register, made once when it is opened. Parameters are told beside each. */
export interface RegisterStatements {
  /** key, now */
  readonly get: string;
  /** key, asOf */
  readonly getAsOf: string;
  /** key, asOf, asKnownAt */
  readonly getAsKnown: string;
  /** The name of the entry's lock. */
  readonly lock: string;
  /** key */
  readonly versions: string;
  /** key: when the entry was last changed by taking something away. */
  readonly lastSuperseded: string;
  /** key, limit */
  readonly history: string;
  /** key, valid time that is written over, recorded time */
  readonly supersede: string;
  /** As {@link insertColumns}, then `words` as an array and the sort key. */
  readonly insert: string;
  /** The words, asOf, sort key and key of the last seen (or empty and nil), limit; see `search.ts`. */
  readonly insertColumns: readonly string[];
}

/** What every SELECT gives, so that one function reads all rows. */
export function versionColumns(alias: string, recorded: "current" | "superseded"): string {
  const at =
    recorded === "current"
      ? `${alias}.recorded_from, NULL::timestamptz AS recorded_to`
      : `lower(${alias}.recorded) AS recorded_from, upper(${alias}.recorded) AS recorded_to`;
  return `${alias}.key, lower(${alias}.valid) AS valid_from, upper(${alias}.valid) AS valid_to, ${at},
    ${alias}.authority, ${alias}.legal_basis, ${alias}.case_id, ${alias}.act_id, ${alias}.data, ${alias}.sealed`;
}

/**
 * Which of the versions known now are true now. A clock goes back, and clocks of processes differ: what was recorded at an instant that
 * this act's clock has not reached is true as of its recording, so that nobody misses what was acknowledged to somebody else.
 * What was recorded as true from a later day on still waits for that day.
 * @param now the parameter of the act's instant
 */
export function trueNow(alias: string, now: string, shape: RegisterShape): string {
  const at = `${now}::timestamptz`;
  return `((${alias}.recorded_from <= ${at} AND ${alias}.valid @> ${at})
      OR (${alias}.recorded_from > ${at} AND ${alias}.valid @> ${alias}.recorded_from))
    AND (upper_inf(${alias}.valid) OR NOT EXISTS (
      SELECT FROM ${namesOf(shape).current} w WHERE w.key = ${alias}.key
         AND w.recorded_from > ${at} AND w.recorded_from >= lower(w.valid) AND lower(w.valid) > lower(${alias}.valid)))`;
}

export function statementsOf(shape: RegisterShape): RegisterStatements {
  const { current, superseded } = namesOf(shape);
  const now = versionColumns("v", "current");
  const then = versionColumns("v", "superseded");
  const kept = columnsOf(shape).map(quoted);
  const insertColumns = [...columnsOf(shape), "recorded_from", ...nameColumnsOf(shape)];
  return Object.freeze({
    get: `SELECT ${now} FROM ${current} v WHERE v.key = $1 AND ${trueNow("v", "$2", shape)}`,
    getAsOf: `SELECT ${now} FROM ${current} v WHERE v.key = $1 AND v.valid @> $2::timestamptz`,
    getAsKnown: `
      SELECT ${now} FROM ${current} v
       WHERE v.key = $1 AND v.valid @> $2::timestamptz AND v.recorded_from <= $3::timestamptz
      UNION ALL
      SELECT ${then} FROM ${superseded} v
       WHERE v.key = $1 AND v.valid @> $2::timestamptz AND v.recorded @> $3::timestamptz`,
    lock: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
    versions: `SELECT ${now} FROM ${current} v WHERE v.key = $1 ORDER BY lower(v.valid)`,
    lastSuperseded: `SELECT max(upper(v.recorded)) AS at FROM ${superseded} v WHERE v.key = $1`,
    history: `
      SELECT ${now} FROM ${current} v WHERE v.key = $1
      UNION ALL
      SELECT ${then} FROM ${superseded} v WHERE v.key = $1
      ORDER BY recorded_from, valid_from LIMIT $2`,
    supersede: `
      WITH gone AS (DELETE FROM ${current} v WHERE v.key = $1 AND v.valid && $2::tstzrange RETURNING v.*)
      INSERT INTO ${superseded} (${kept.join(", ")}, recorded)
      SELECT ${kept.join(", ")}, tstzrange(recorded_from, $3::timestamptz) FROM gone`,
    insert: `INSERT INTO ${current} (${insertColumns.map(quoted).join(", ")})
      VALUES (${insertColumns.map((column, at) => (column === "words" ? `array_to_tsvector($${at + 1}::text[])` : `$${at + 1}`)).join(", ")})`,
    insertColumns,
  });
}

export function quoted(column: string): string {
  return `"${column}"`;
}
