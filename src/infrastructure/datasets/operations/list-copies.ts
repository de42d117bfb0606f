import type { CopyState } from "../copies/copy.ts";
import type { Description } from "../description.ts";
import { implement } from "../implement.ts";
import { LIST_LENGTH } from "../limits.ts";

interface CopyRow {
  readonly id: number;
  readonly register: string;
  readonly node: string;
  readonly division: string;
  readonly attributes: readonly string[];
  readonly grant_number: number | null;
  readonly barred: string | null;
  readonly state: CopyState;
  readonly trouble: string | null;
  readonly description: Description | null;
  readonly entries: number;
  readonly position: number | null;
  readonly source_position: number | null;
  readonly source_at: string | null;
  readonly heard_at: string | null;
  readonly conflicts: number;
  readonly reconciled_at: string | null;
  readonly reconciled: { readonly missing: number; readonly surplus: number; readonly problem?: string } | null;
}

export const listCopies = implement("listCopies", async (ctx) => {
  const values: unknown[] = [LIST_LENGTH];
  const where = { register: "c.register", node: "c.node", division: "c.division" };
  const shown = ctx.listed(where, (value) => `$${values.push(value)}`);
  const rows = await ctx.tables.read().query<CopyRow>(
    `SELECT c.*, CASE WHEN c.whole THEN coalesce((SELECT sum(l.entries) FROM datasets.leaf l WHERE l.copy = c.id), 0)::bigint
                     ELSE c.filled END AS entries
       FROM datasets.copy c WHERE c.state <> 'ended' AND ${shown} ORDER BY c.register, c.node LIMIT $1`,
    values,
  );
  return { items: rows.map(viewOf) };
});

function grantView(number: number, description: Description | null) {
  const said = description?.grant;
  return { number, ...(said && { purposes: said.purposes, until: said.until }) };
}

function viewOf(row: CopyRow) {
  const { id, register, node, division, attributes, state, entries, conflicts, description } = row;
  const { position, source_position: there } = row;
  return {
    ...{ id, register, node, division, attributes: [...attributes], state, entries, conflicts },
    ...(description && { title: description.title, steward: description.steward }),
    ...(row.grant_number !== null && { grant: grantView(row.grant_number, description) }),
    ...(row.barred !== null && { barred: row.barred }),
    ...(row.trouble !== null && { trouble: row.trouble }),
    ...(position !== null && { position, ...(there !== null && { behind: Math.max(0, there - position) }) }),
    ...(row.source_at !== null && { sourceAt: row.source_at }),
    ...(row.heard_at !== null && { heardAt: row.heard_at }),
    ...(row.reconciled_at !== null && { reconciledAt: row.reconciled_at }),
    ...(row.reconciled && { reconciled: row.reconciled }),
  };
}
