import { citationText } from "#kernel/contract/citation";
import type { Sql } from "#kernel/database/sql";
import { legalBasis, readLegalBases } from "#kernel/registers/legal-bases";
import type { Vault } from "#kernel/vault/vault";
import { placeOf } from "#lib/reconciliation/range";
import { type Copy, descriptionOf, readCopy, tableOf } from "../copies/copy.ts";
import { type CopiedVersion, type CopyVersionRow, foundByAny, openRow, READ_COLUMNS } from "../copies/rows.ts";
import { lookupsOf } from "../description.ts";
import { implement } from "../implement.ts";
import { FOUND_MAX } from "../limits.ts";
import { kernelOf } from "../ports.ts";

export const lookUp = implement("lookUp", async (ctx, { id, by }) => {
  const { vault, database } = kernelOf(ctx);
  const copy = await readCopy(database, id);
  if (copy === undefined) return ctx.refuse("unknown-copy");
  if (copy.state !== "current") return ctx.refuse("incomplete");
  const closed = closedTo(copy, ctx.act.purpose, ctx.now);
  if (closed !== undefined) return ctx.refuse(closed);
  const rows = "key" in by ? await byKey(database, copy, by.key) : await byValue(database, vault, { copy, by });
  if (rows === undefined) return ctx.refuse("not-found-by");
  const found = rows.slice(0, FOUND_MAX).map((row) => openRow(vault, copy.id, row));
  const description = descriptionOf(copy);
  const { kind, by: subject = "key" } = description.subject;
  for (const version of found) {
    const who = subject === "key" ? version.key : version.value[subject];
    if (kind === "none" || typeof who !== "string") continue;
    ctx.concerns({ kind, id: who, attributes: Object.keys(version.value) });
  }
  await readLegalBases(database, new Set(found.map((version) => version.legalBasis)), copy.register);
  const [heard] = await database.query<{ at: string | null }>(
    "SELECT heard_at AS at FROM datasets.copy WHERE id = $1",
    [id],
  );
  return {
    ...{ steward: description.steward, node: copy.node, more: rows.length > FOUND_MAX },
    entries: found.map((version) => entryView(version, copy)),
    ...(heard?.at && { asOf: heard.at }),
  };
});

/** What a grant does not cover is not shown: its purposes hold for whoever looks, and its end also where the source is away. */
function closedTo(
  { barred, description }: Copy,
  purpose: string | undefined,
  now: string,
): "not-granted" | "other-purpose" | undefined {
  if (barred !== undefined) return "not-granted";
  const grant = description?.grant;
  if (grant === undefined) return undefined;
  if (Date.parse(grant.until) <= Date.parse(now)) return "not-granted";
  return purpose !== undefined && grant.purposes.includes(purpose) ? undefined : "other-purpose";
}

function entryView(version: CopiedVersion, copy: Copy) {
  const { validTo, legalBasis: basis, ...rest } = version;
  return {
    ...rest,
    value: rest.value as Record<string, never>,
    ...(validTo !== undefined && { validTo }),
    legalBasis: legalBasis(basis, copy.register).map((citation) => citationText(citation).zh),
  };
}

function byKey(sql: Sql, copy: Copy, key: string): Promise<readonly CopyVersionRow[]> {
  return sql.query<CopyVersionRow>(
    `SELECT ${READ_COLUMNS} FROM ${tableOf(copy.id)} v WHERE v.place = $1 AND v.key = $2 ORDER BY v.valid_from LIMIT $3`,
    [placeOf(key.toLowerCase()), key, FOUND_MAX + 1],
  );
}

async function byValue(
  sql: Sql,
  vault: Vault,
  about: { readonly copy: Copy; readonly by: { readonly attribute: string; readonly value: string } },
): Promise<readonly CopyVersionRow[] | undefined> {
  const { copy, by } = about;
  const lookups = lookupsOf(descriptionOf(copy));
  const at = lookups.findIndex(({ name }) => name === by.attribute);
  const attribute = lookups[at];
  if (attribute === undefined) return undefined;
  return await sql.query<CopyVersionRow>(
    `SELECT ${READ_COLUMNS} FROM ${tableOf(copy.id)} v WHERE v.found[${at + 1}] = ANY ($1::text[]) ORDER BY v.key, v.valid_from LIMIT $2`,
    [foundByAny(vault, copy.register, attribute.name, by.value), FOUND_MAX + 1],
  );
}
