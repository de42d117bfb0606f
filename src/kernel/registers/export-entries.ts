import type { z } from "zod";
import type { ObjectSchema } from "../contract/contract.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import { namesOf } from "./definition.ts";
import type { Entry } from "./handle.ts";
import { legalBasis, readLegalBases } from "./legal-bases.ts";
import { EXPORT_BATCH_ROWS } from "./limits.ts";
import type { OpenRegister } from "./register-store.ts";
import { versionColumns } from "./statements.ts";
import { subjectIds } from "./subjects.ts";
import { timesOf, type VersionRow } from "./version.ts";

export interface ExportOptions {
  /** ISO 8601. */
  readonly asOf: string;
  /** Called for each subject, in order, before the entry is handed out: for one ledger entry over all of them. */
  readonly subject?: (id: string) => void;
}

/** A database, or a transaction of it: what both can do. */
export type ExportSource = Sql & Pick<Transaction, "stream">;

/** Every entry that is valid at a time, in the order of the keys, as one snapshot of the register. */
export async function* exportEntries<S extends ObjectSchema>(
  register: OpenRegister<S>,
  source: ExportSource,
  options: ExportOptions,
): AsyncGenerator<Entry<z.output<S>>, void, undefined> {
  const { shape, codec } = register;
  const text = `SELECT ${versionColumns("v", "current")} FROM ${namesOf(shape).current} v
    WHERE v.valid @> $1::timestamptz ORDER BY v.key`;
  let basis: string | undefined;
  for await (const row of source.stream<VersionRow>(text, [options.asOf], { batchRows: EXPORT_BATCH_ROWS })) {
    const value = codec.decode(row);
    const digest = row.legal_basis.toString("hex");
    if (digest !== basis) await readLegalBases(source, [digest], shape.id);
    basis = digest;
    if (options.subject !== undefined) for (const id of subjectIds(register, row.key, value)) options.subject(id);
    yield {
      key: row.key,
      value: value as z.output<S>,
      ...timesOf(row),
      provenance: {
        authority: row.authority,
        legalBasis: legalBasis(digest, shape.id),
        caseId: row.case_id ?? undefined,
        actId: row.act_id,
      },
    };
  }
}

/** A version that is not as it was written. */
export interface DamagedVersion {
  readonly key: string;
  readonly recordedFrom: string;
  readonly table: "current" | "superseded";
}

/** Opens every version, known now or before, and compares what is looked up by with what is sealed. */
export async function* damagedVersions<S extends ObjectSchema>(
  register: OpenRegister<S>,
  source: ExportSource,
): AsyncGenerator<DamagedVersion, void, undefined> {
  const { shape } = register;
  const names = namesOf(shape);
  const lookups = shape.lookups.map((each) => `v."${each.column}"`);
  for (const table of ["current", "superseded"] as const) {
    const columns = [versionColumns("v", table), ...lookups].join(", ");
    const text = `SELECT ${columns} FROM ${names[table]} v`;
    for await (const row of source.stream<VersionRow>(text, [], { batchRows: EXPORT_BATCH_ROWS })) {
      if (!isWhole(register, row)) yield { key: row.key, recordedFrom: row.recorded_from, table };
    }
  }
}

function isWhole<S extends ObjectSchema>({ codec, shape }: OpenRegister<S>, row: VersionRow): boolean {
  try {
    const value = codec.decode(row);
    const stored = row as unknown as Readonly<Record<string, string | Buffer | null>>;
    return shape.lookups.every((each) => {
      const there = stored[each.column] ?? null;
      if (isSame(codec.lookup(each, value[each.name]), there)) return true;
      return codec.otherLookups(each, value[each.name]).some((other) => isSame(other, there));
    });
  } catch {
    return false;
  }
}

/** A version from before the attribute was declared has no value in its column, but may have a default. */
function isSame(expected: string | Uint8Array | null, stored: string | Buffer | null): boolean {
  if (stored === null || expected === null || typeof stored === "string") return stored === null || stored === expected;
  return stored.equals(expected instanceof Uint8Array ? expected : Buffer.from(expected));
}
