import type { z } from "zod";
import type { ObjectSchema } from "../contract/contract.ts";
import { namesOf } from "./definition.ts";
import { RegisterFault } from "./faults.ts";
import { type AsOf, type Entry, MAX_PAGE_ENTRIES, type Page } from "./handle.ts";
import { DEFAULT_PAGE_ENTRIES, SEARCH_MAX_SORTED_HITS } from "./limits.ts";
import type { RegisterSession } from "./open-handle.ts";
import { trueNow, versionColumns } from "./statements.ts";
import type { NameQuery, VersionRow } from "./version.ts";
import { isKey } from "./writes.ts";

interface PageOptions {
  readonly limit?: number;
  readonly after?: string;
}

type Where = Readonly<Record<string, unknown>>;

/** Entries by the values of their attributes, in the order of their keys. */
export async function find<S extends ObjectSchema>(
  session: RegisterSession<S>,
  where: Where,
  options: PageOptions & AsOf,
): Promise<Page<Entry<z.output<S>>>> {
  const { shape, codec } = session.register;
  const { current, superseded } = namesOf(shape);
  const values: unknown[] = [options.asOf ?? session.scope.act.at];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const isNow = options.asOf === undefined && options.asKnownAt === undefined;
  const conditions = [isNow ? trueNow("v", "$1", shape) : "v.valid @> $1::timestamptz"];
  for (const [name, value] of Object.entries(where)) {
    const lookup = shape.lookups.find((each) => each.name === name);
    if (lookup === undefined) throw new RegisterFault("ERR_REGISTER_LOOKUP", { register: shape.id, attribute: name });
    const stored = codec.lookup(lookup, value);
    const others = codec.otherLookups(lookup, value);
    if (stored === null) conditions.push(`v."${lookup.column}" IS NULL`);
    else if (others.length === 0) conditions.push(`v."${lookup.column}" = ${parameter(stored)}`);
    else conditions.push(`v."${lookup.column}" = ANY (${parameter([stored, ...others].map(bytesOf))}::bytea[])`);
  }
  conditions.push(shown(session, values));
  if (options.after !== undefined && isKey(options.after)) conditions.push(`v.key > ${parameter(options.after)}`);
  const limit = limitOf(options);
  const matches = (columns: string, table: string, known: string) =>
    `SELECT ${columns} FROM ${table} v WHERE ${[...conditions, known].filter(Boolean).join(" AND ")}`;
  const parts = [matches(versionColumns("v", "current"), current, "")];
  if (options.asKnownAt !== undefined) {
    const at = parameter(options.asKnownAt);
    parts[0] = matches(versionColumns("v", "current"), current, `v.recorded_from <= ${at}::timestamptz`);
    parts.push(matches(versionColumns("v", "superseded"), superseded, `v.recorded @> ${at}::timestamptz`));
  }
  const text = `${parts.join(" UNION ALL ")} ORDER BY key LIMIT ${parameter(limit + 1)}`;
  const rows = await session.scope.reader().query<VersionRow>(text, values);
  const page = rows.slice(0, limit);
  return { items: await session.entries(page), next: rows.length > limit ? page.at(-1)?.key : undefined };
}

function bytesOf(stored: string | Uint8Array): Buffer {
  return Buffer.from(stored);
}

/** Where a page of a search begins: after this name. */
interface Position {
  readonly sortKey: string;
  readonly key: string;
}

interface NamedRow extends VersionRow {
  readonly sort_key: string;
  readonly hits: number;
}

const START: Position = { sortKey: "", key: "00000000-0000-0000-0000-000000000000" };

/** Entries by the words or characters of their name, in the order of the stored sort key. */
export async function search<S extends ObjectSchema>(
  session: RegisterSession<S>,
  name: string,
  options: PageOptions,
): Promise<Page<Entry<z.output<S>>>> {
  const { shape, codec } = session.register;
  if (shape.named === undefined)
    throw new RegisterFault("ERR_REGISTER_LOOKUP", { register: shape.id, message: "by name" });
  const query = codec.nameQuery(name);
  if (query === undefined) return { items: [], next: undefined };
  const limit = limitOf(options);
  const after = readPosition(session, options.after);
  const rows = await namedRows(session, query, { after, limit: limit + 1 });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = rows.length > limit && last !== undefined ? writePosition(session, last) : undefined;
  return { items: await session.entries(page), next };
}

/**
 * Three ways, because one index cannot do all: a surname's first character alone is a stretch of the sort key; words that few
 * names have are found by the words' index and sorted; words that many have are met soon when the names are walked in order.
 */
async function namedRows<S extends ObjectSchema>(
  session: RegisterSession<S>,
  query: NameQuery,
  page: { readonly after: Position; readonly limit: number },
): Promise<readonly NamedRow[]> {
  const [first] = query.firsts;
  if (query.words.length === 0 && query.firsts.length === 1 && first !== undefined) {
    const [among, elsewhere] = await Promise.all([
      namesFrom(session, first, page),
      sortedHits(session, { words: [first.word], firsts: [] }, page),
    ]);
    return [...among, ...elsewhere].sort(byName).slice(0, page.limit);
  }
  const rows = await sortedHits(session, query, page);
  const hits = rows[0]?.hits ?? (page.after === START ? 0 : Number.POSITIVE_INFINITY);
  return hits <= SEARCH_MAX_SORTED_HITS ? rows : walked(session, query, page);
}

interface NamePage {
  readonly after: Position;
  readonly limit: number;
}

/** Names that begin with a character: one stretch of the index, from its beginning or from where the last page ended. */
function namesFrom<S extends ObjectSchema>(
  session: RegisterSession<S>,
  first: { readonly from: string; readonly to: string },
  { after, limit }: NamePage,
): Promise<readonly NamedRow[]> {
  const from = after.sortKey < first.from ? { sortKey: first.from, key: START.key } : after;
  const values: unknown[] = [session.scope.act.at, from.sortKey, from.key, limit, first.to];
  const seen = shown(session, values);
  const now = trueNow("v", "$1", session.register.shape);
  return inBothParts(
    session,
    values,
    (table) => `
      SELECT ${versionColumns("v", "current")}, v.sort_key, 0 AS hits FROM ${table} v
       WHERE (v.sort_key, v.key) > ($2, $3::uuid) AND v.sort_key < $5 AND ${now} AND ${seen}
       ORDER BY v.sort_key, v.key LIMIT $4`,
  );
}

/** Each part by its own index, in order: over both together the planner would rather sort what it takes for a few rows. */
function inBothParts<S extends ObjectSchema>(
  session: RegisterSession<S>,
  values: readonly unknown[],
  select: (table: string) => string,
): Promise<readonly NamedRow[]> {
  const { open, ended } = namesOf(session.register.shape);
  const text = `(${select(open)}) UNION ALL (${select(ended)}) ORDER BY sort_key, key LIMIT $4`;
  return session.scope.reader().query<NamedRow>(text, values);
}

function sortedHits<S extends ObjectSchema>(
  session: RegisterSession<S>,
  query: NameQuery,
  { after, limit }: NamePage,
): Promise<readonly NamedRow[]> {
  const { shape } = session.register;
  const { current } = namesOf(shape);
  const now = trueNow("v", "$1", shape);
  const values: unknown[] = [session.scope.act.at, after.sortKey, after.key, limit];
  const condition = `${conditionOf(query, "v", values)} AND ${shown(session, values)}`;
  return session.scope.reader().query<NamedRow>(
    `WITH hit AS MATERIALIZED (
       SELECT v.key, v.sort_key FROM ${current} v
        WHERE ${condition} AND ${now} LIMIT ${SEARCH_MAX_SORTED_HITS + 1}
     ), page AS MATERIALIZED (
       SELECT h.key, h.sort_key FROM hit h WHERE (h.sort_key, h.key) > ($2, $3::uuid)
        ORDER BY h.sort_key, h.key LIMIT $4
     )
     SELECT ${versionColumns("v", "current")}, p.sort_key, (SELECT count(*) FROM hit) AS hits
       FROM page p JOIN ${current} v ON v.key = p.key AND ${now}
      ORDER BY p.sort_key, p.key`,
    values,
  );
}

function walked<S extends ObjectSchema>(
  session: RegisterSession<S>,
  query: NameQuery,
  { after, limit }: NamePage,
): Promise<readonly NamedRow[]> {
  const values: unknown[] = [session.scope.act.at, after.sortKey, after.key, limit];
  const condition = `${conditionOf(query, "v", values)} AND ${shown(session, values)}`;
  const now = trueNow("v", "$1", session.register.shape);
  // OFFSET 0 keeps the condition outside: the names are read in order until the page is full.
  return inBothParts(
    session,
    values,
    (table) => `
      SELECT ${versionColumns("v", "current")}, v.sort_key, 0 AS hits
        FROM (SELECT * FROM ${table} n WHERE (n.sort_key, n.key) > ($2, $3::uuid)
               ORDER BY n.sort_key, n.key OFFSET 0) v
       WHERE ${condition} AND ${now} ORDER BY v.sort_key, v.key LIMIT $4`,
  );
}

/** What the reader may see of the versions `v`. */
function shown<S extends ObjectSchema>({ scope }: RegisterSession<S>, values: unknown[]): string {
  return scope.rows === undefined ? "true" : `(${scope.rows((value) => `$${values.push(value)}`)})`;
}

function conditionOf(query: NameQuery, alias: string, values: unknown[]): string {
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = query.firsts.map(({ word, from, to }) => {
    const among = `(${alias}.sort_key >= ${parameter(from)} AND ${alias}.sort_key < ${parameter(to)})`;
    return `(${among} OR ${alias}.words @@ ${parameter(textQuery([word]))}::tsquery)`;
  });
  if (query.words.length > 0) conditions.push(`${alias}.words @@ ${parameter(textQuery(query.words))}::tsquery`);
  return conditions.join(" AND ");
}

/** All of the words; as PostgreSQL writes a tsquery. */
function textQuery(words: readonly string[]): string {
  return words.map((word) => `'${word.replace(/['\\]/g, "$&$&")}'`).join(" & ");
}

function byName(one: NamedRow, other: NamedRow): number {
  if (one.sort_key !== other.sort_key) return one.sort_key < other.sort_key ? -1 : 1;
  return one.key < other.key ? -1 : 1;
}

/** A position tells a name: it is sealed, so that it may stand in an address. */
function writePosition<S extends ObjectSchema>({ register }: RegisterSession<S>, row: NamedRow): string {
  const plain = Buffer.from(JSON.stringify([row.sort_key, row.key]), "utf8");
  return Buffer.from(register.vault.seal("register.position", plain, register.shape.id)).toString("base64url");
}

/** A position that we did not write is the beginning. */
function readPosition<S extends ObjectSchema>({ register }: RegisterSession<S>, after: string | undefined): Position {
  if (after === undefined) return START;
  try {
    const plain = register.vault.open("register.position", Buffer.from(after, "base64url"), register.shape.id);
    const [sortKey, key] = JSON.parse(Buffer.from(plain).toString("utf8")) as [string, string];
    return { sortKey, key };
  } catch {
    return START;
  }
}

function limitOf({ limit = DEFAULT_PAGE_ENTRIES }: PageOptions): number {
  return Math.max(1, Math.min(Math.trunc(limit), MAX_PAGE_ENTRIES));
}
