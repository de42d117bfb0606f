import { z } from "zod";
import { defineContract, query } from "../../src/kernel/contract/contract.ts";
import { isRefusal } from "../../src/kernel/contract/refusal.ts";
import { defineSystem } from "../../src/kernel/system/system.ts";
import { text } from "../../src/lib/language/text.ts";

/** A provider that reads one row of its own database, and a room that asks it: on this node or through another. */

const title = text("测量", "Measured");
const Row = z.object({ id: z.int().min(1), value: z.string().max(200) });

export const provider = defineContract({
  id: "provider",
  version: "1.0",
  title,
  steward: title,
  operations: {
    read: query({
      title,
      audience: ["node"],
      input: z.object({ id: z.int().min(1) }),
      output: Row,
      refusals: { "not-found": text("没有", "None") },
      legalBasis: [],
    }),
  },
});

export const asker = defineContract({
  id: "asker",
  version: "1.0",
  title,
  steward: title,
  operations: {
    ask: query({
      title,
      audience: ["public"],
      input: z.object({ id: z.int().min(1) }),
      output: Row,
      refusals: { away: text("没有答复", "No answer") },
      legalBasis: [],
    }),
  },
});

export const READ_ROW = "SELECT id, value FROM bench_row WHERE id = $1";
export const ROWS = 100_000;

export const systems = [
  defineSystem(provider, {
    operations: {
      async read(ctx, { id }) {
        const [row] = await ctx.tables.read().query<{ id: number; value: string }>(READ_ROW, [id]);
        if (row === undefined) return ctx.refuse("not-found");
        // Whose row it is: the look goes into both ledgers.
        ctx.concerns({ kind: "person", id: `person-${id}`, attributes: ["value"] });
        return row;
      },
    },
  }),
  defineSystem(asker, {
    uses: { provider },
    operations: {
      async ask(ctx, { id }) {
        const found = await ctx.rooms.provider.read({ id });
        return isRefusal(found) ? ctx.refuse("away") : found;
      },
    },
  }),
];
