import type { CorrectionContent } from "../corrections.ts";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { LIST_LENGTH } from "../terms.ts";

interface Row {
  readonly id: number;
  readonly correction: number;
  readonly grant: number;
  readonly resource: string;
  readonly content: CorrectionContent;
  readonly words: string;
  readonly toldAt: string;
  readonly readAt: string | null;
}

export const correctionNotices = implement("correctionNotices", async (ctx, { before = Number.MAX_SAFE_INTEGER }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const values: unknown[] = [official.post.authority, before, LIST_LENGTH];
  const shown = ctx.listed(
    { resource: "m.resource", consumer: "n.consumer::text" },
    (value) => `$${values.push(value)}`,
  );
  const rows = await ctx.tables.read().query<Row>(
    `SELECT n.id, n.correction, n.grant_number AS "grant", m.resource, m.content, n.told_at AS "toldAt", n.read_at AS "readAt",
       (SELECT s.words FROM catalogue.matter_step s WHERE s.matter = n.correction AND s.step = 'correct') AS words
     FROM catalogue.notice n JOIN catalogue.matter m ON m.number = n.correction
     WHERE n.consumer = $1 AND n.id < $2 AND ${shown} ORDER BY n.id DESC LIMIT $3`,
    values,
  );
  for (const { content, correction } of rows) {
    if (content.subject) ctx.concerns({ ...content.subject, attributes: [`correction ${correction}`] });
  }
  const last = rows.length === LIST_LENGTH ? rows.at(-1)?.id : undefined;
  const items = rows.map(({ content, readAt, ...rest }) => ({
    ...rest,
    attributes: [...content.attributes],
    ...(content.subject && { subject: content.subject }),
    ...(readAt !== null && { readAt }),
  }));
  return { items, ...(last !== undefined && { next: last }) };
});
