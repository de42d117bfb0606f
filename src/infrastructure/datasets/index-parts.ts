import type { Sql } from "#kernel/database/sql";
import type { SealedPart } from "#kernel/resealing/part";
import { INDEX_PREFIX } from "#kernel/resealing/resealing";
import { rewrittenPart } from "#kernel/resealing/rewritten-part";
import type { Vault } from "#kernel/vault/vault";
import { tableOf } from "./copies/copy.ts";
import { type CopyVersionRow, foundBy, openRow, READ_COLUMNS } from "./copies/rows.ts";
import { type Description, lookupsOf } from "./description.ts";

/** By which values the versions of copies are found: made anew when the key changes that finds them. */
export async function datasetsIndexParts(sql: Sql, vault: Vault): Promise<readonly SealedPart[]> {
  const copies = await sql.query<{ id: number; register: string; description: Description }>(
    `SELECT id, register, description FROM datasets.copy c
      WHERE description IS NOT NULL AND to_regclass('datasets.copy_' || id) IS NOT NULL ORDER BY id`,
  );
  return copies.flatMap(({ id, register, description }) => {
    const lookups = lookupsOf(description);
    if (lookups.length === 0) return [];
    return rewrittenPart<CopyVersionRow & { readonly found: readonly (string | null)[] }>({
      ...{ name: `${INDEX_PREFIX}${tableOf(id)}`, table: tableOf(id), where: "true" },
      select: `${READ_COLUMNS.replaceAll("v.", "t.")}, t.found`,
      columns: [{ name: "found", type: "text", as: "text[]" }],
      rewrite(row) {
        const { value } = openRow(vault, id, row);
        const found = lookups.map(({ name }) => foundBy(vault, register, name, value[name]));
        const same = found.length === row.found.length && found.every((each, at) => each === row.found[at]);
        return same ? undefined : [`{${found.map((each) => each ?? "NULL").join(",")}}`];
      },
      settings: { "datasets.receiving": "on" },
    });
  });
}
