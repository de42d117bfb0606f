/** What is made anew when the key changes by which things are found and named: blind indexes of registers, names in the ledger's tables. */
import type { Sql } from "../database/sql.ts";
import type { LedgerContent } from "../ledger/entry.ts";
import { type LedgerKeys, pseudonyms } from "../ledger/keys.ts";
import { keptOf } from "../ledger/records.ts";
import { namesOf } from "../registers/definition.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import { versionColumns } from "../registers/statements.ts";
import type { VersionRow } from "../registers/version.ts";
import type { Kernel } from "../system/kernel.ts";
import type { SealedPart } from "./part.ts";
import { INDEX_PREFIX } from "./resealing.ts";
import { rewrittenPart } from "./rewritten-part.ts";

/** A table that holds keyed digests of what is nowhere else: they cannot be made anew, and end with their rows. */
export interface KeyedDigests {
  readonly table: string;
  /** The column that tells when a row was made. */
  readonly madeAt: string;
  /** Of which rows. */
  readonly where: string;
}

/** The kernel's own. */
const DIGESTS: readonly KeyedDigests[] = [
  { table: "act.act", madeAt: "at", where: "true" },
  { table: "act.later", madeAt: "asked_at", where: "true" },
];

/**
 * Whether rows are left whose digests another key than the one in use made: as long as there are, it finds them.
 * @param settledAt from when on every process used this one, ISO 8601
 */
export async function olderDigests(sql: Sql, further: readonly KeyedDigests[], settledAt: string): Promise<boolean> {
  for (const { table, madeAt, where } of [...DIGESTS, ...further]) {
    const [row] = await sql.query(`SELECT 1 FROM ${table} WHERE ${madeAt} < $1 AND ${where} LIMIT 1`, [settledAt]);
    if (row !== undefined) return true;
  }
  return false;
}

/** @param further what rooms find by tables of their own */
export function indexParts(kernel: Kernel, further: readonly SealedPart[]): readonly SealedPart[] {
  const { registers, ledger } = kernel;
  return [
    ...further,
    ...[...registers.values()].flatMap(registerIndexParts),
    namesInEntries(ledger.keys),
    namesOfSubjects(ledger.keys),
  ];
}

type Stored = Readonly<Record<string, Buffer | null>>;

/** Of each table of a register: what is sensitive, and looked up by. */
export function registerIndexParts({ shape, codec }: RegisterStore): readonly SealedPart[] {
  const lookups = shape.lookups.filter(({ sensitive }) => sensitive);
  if (lookups.length === 0) return [];
  const { open, ended, superseded } = namesOf(shape);
  const columns = lookups.map(({ column }) => `t."${column}"`);
  const part = (table: string, recorded: "current" | "superseded") =>
    rewrittenPart<VersionRow>({
      ...{ name: `${INDEX_PREFIX}${table}`, table, select: [versionColumns("t", recorded), ...columns].join(", ") },
      where: `(${columns.map((column) => `${column} IS NOT NULL`).join(" OR ")})`,
      columns: lookups.map(({ column }) => ({ name: column, type: "bytea" })),
      rewrite(row) {
        const stored = row as unknown as Stored;
        const value = codec.decode(row);
        const made = lookups.map((each) => {
          const there = stored[each.column] ?? null;
          // An attribute that was declared later has no value there, but may have a default.
          return there === null ? null : bytesOf(codec.lookup(each, value[each.name]));
        });
        return lookups.every(({ column }, at) => isSame(stored[column] ?? null, made[at] ?? null)) ? undefined : made;
      },
      settings: { "register.resealing": "on", "register.bulk": "on" },
    });
  return [part(open, "current"), part(ended, "current"), part(superseded, "superseded")];
}

interface EntryRow {
  readonly leaf: Buffer;
  readonly sealed: Buffer | null;
}

interface NamedRow extends EntryRow {
  readonly actor: Buffer | null;
  readonly case_ref: Buffer | null;
  readonly subject: Buffer | null;
}

function namesInEntries(keys: LedgerKeys): SealedPart {
  return rewrittenPart<NamedRow>({
    ...{ name: `${INDEX_PREFIX}ledger.entry`, table: "ledger.entry" },
    select: "t.leaf, t.sealed, t.actor, t.case_ref, t.subject",
    where: "(t.actor IS NOT NULL OR t.case_ref IS NOT NULL OR t.subject IS NOT NULL)",
    columns: ["actor", "case_ref", "subject"].map((name) => ({ name, type: "bytea" })),
    rewrite(row) {
      const renamed = renamesOf(row, keys);
      const made = [row.actor, row.case_ref, row.subject].map((name) => renamed(name));
      return made.every((name) => name === undefined)
        ? undefined
        : [made[0] ?? row.actor, made[1] ?? row.case_ref, made[2] ?? row.subject];
    },
    settings: { "ledger.renaming": "on" },
  });
}

type Renamed = ReturnType<typeof renamesOf>;

function namesOfSubjects(keys: LedgerKeys): SealedPart {
  return rewrittenPart<{ readonly entry_id: number; readonly pseudonym: Buffer }, ReadonlyMap<number, Renamed>>({
    ...{ name: `${INDEX_PREFIX}ledger.subject`, table: "ledger.subject", where: "true" },
    select: "t.entry_id, t.pseudonym",
    columns: [{ name: "pseudonym", type: "bytea" }],
    // Each entry once, and one at a time: there are large ones, with many subjects.
    async find(tx, rows) {
      const renamed = new Map<number, Renamed>();
      for (const id of new Set(rows.map((row) => row.entry_id))) {
        const [entry] = await tx.query<EntryRow>("SELECT leaf, sealed FROM ledger.entry WHERE id = $1", [id]);
        if (entry !== undefined) renamed.set(id, renamesOf(entry, keys));
      }
      return renamed;
    },
    rewrite(row, renamed) {
      const name = renamed.get(row.entry_id)?.(row.pseudonym);
      return name === undefined ? undefined : [name];
    },
  });
}

/** What a name that another key made is called now; undefined where it is called so already, or the entry does not tell whom it names. */
function renamesOf(row: EntryRow, keys: LedgerKeys): (name: Buffer | null) => Buffer | undefined {
  const { content, subjects } = keptOf(row, keys);
  const names = [
    ...namedIn(content?.value),
    ...subjects.flatMap((each) => ("part" in each ? [[`subject ${each.part.kind}`, each.part.id] as const] : [])),
  ];
  const known = new Map<string, Buffer>();
  for (const [kind, id] of names) {
    const [current, ...others] = pseudonyms(keys, kind, id);
    for (const other of others) if (current !== undefined) known.set(other.toString("hex"), current);
  }
  return (name) => (name === null ? undefined : known.get(name.toString("hex")));
}

function namedIn(content: LedgerContent | undefined): readonly (readonly [kind: string, id: string])[] {
  if (content === undefined) return [];
  const { actor, caseId } = content;
  return [[`actor ${actor.kind}`, actor.id], ...(caseId === undefined ? [] : [["case", caseId] as const])];
}

function bytesOf(stored: string | Uint8Array | null): Buffer | null {
  return stored === null ? null : Buffer.from(stored);
}

function isSame(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other);
}
