import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { LIST_LENGTH } from "../terms.ts";

interface Row {
  readonly node: string;
  readonly number: number;
  readonly resource: string;
  readonly zh: string;
  readonly en: string;
  readonly at: string;
}

/** Of the authority of the post, the newest first. */
export const listAsked = implement("listAsked", async (ctx) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const values: unknown[] = [official.post.authority, LIST_LENGTH];
  const shown = ctx.listed({ resource: "resource" }, (value) => `$${values.push(value)}`);
  const rows = await ctx.tables.read().query<Row>(
    `SELECT node, number, resource, title_zh AS zh, title_en AS en, at FROM catalogue.asked
     WHERE authority = $1 AND ${shown} ORDER BY at DESC, node, number LIMIT $2`,
    values,
  );
  return { items: rows.map(({ zh, en, ...row }) => ({ ...row, title: { zh, en } })) };
});
