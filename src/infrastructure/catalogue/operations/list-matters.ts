import { implement } from "../implement.ts";
import { matterLines } from "../matter-view.ts";
import { mattersOf } from "../matters.ts";
import { officialOf } from "../official.ts";
import { LIST_LENGTH, NUMBER_MAX } from "../terms.ts";

/** Where the statement has what policies may ask. */
const COLUMNS = {
  kind: "kind",
  resource: "resource",
  state: "state",
  provider: "provider::text",
  consumer: "consumer::text",
};
/** Pages that one answer looks through for what is mine to do. */
const PAGES_MAX = 20;

export const listMatters = implement("listMatters", async (ctx, { kind, mine, about, before = NUMBER_MAX + 1 }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = ctx.tables.read();
  const items = [];
  let next: number | undefined = before;
  for (let page = 0; page < PAGES_MAX && next !== undefined && items.length < LIST_LENGTH; page += 1) {
    const found = await mattersOf(sql, {
      ...{ authority: official.post.authority, kind, about, before: next, limit: LIST_LENGTH },
      shown: (bind) => ctx.listed(COLUMNS, bind),
    });
    const lines = await matterLines(sql, found, official, ctx.now);
    items.push(...(mine ? lines.filter((line) => isDue(line, official.post.authority)) : lines));
    next = found.length === LIST_LENGTH ? found.at(-1)?.number : undefined;
  }
  return { items: items.map((item) => ({ ...item, steps: [...item.steps] })), ...(next !== undefined && { next }) };
});

/** What waits for this official; and for whoever stands above, what others let run out. */
function isDue(
  line: {
    readonly steps: readonly string[];
    readonly coordinator: string;
    readonly government: string;
    readonly clock?: { readonly escalatedAt?: string };
  },
  authority: string,
): boolean {
  const isAbove = [line.coordinator, line.government].includes(authority);
  return line.steps.some((step) => DUE.has(step)) || (isAbove && line.clock?.escalatedAt !== undefined);
}

/** Steps that somebody waits for, beside those that one may take if one wants. */
const DUE: ReadonlySet<string> = new Set([
  "complete",
  "consent",
  "grant-extension",
  "confirm-flow",
  "resume",
  "answer-end",
  "file-end",
  "file-end-unanswered",
  "correct",
  "offer-settlement",
  "accept-settlement",
  "coordinate",
  "accept-coordination",
  "join-acceptance",
  "appeal-silence",
  "decide",
]);
