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

/** The same in another room, which many ask at once: of the exchange it is a client of its own. */
export const noisy = defineContract({
  ...{ id: "noisy", version: "1.0", title, steward: title },
  operations: {
    ask: query({
      ...{ title, audience: ["public"], input: z.object({ id: z.int().min(1) }), legalBasis: [], refusals: {} },
      output: z.object({ answered: z.int(), refused: z.int() }),
    }),
  },
});
/** Calls that one request to it makes, all at once. */
export const NOISY_CALLS = 32;

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
  defineSystem(noisy, {
    uses: { provider },
    operations: {
      async ask(ctx, { id }) {
        const rows = Array.from({ length: NOISY_CALLS }, (_, at) =>
          ctx.rooms.provider.read({ id: 1 + ((id + at) % ROWS) }),
        );
        const refused = (await Promise.all(rows)).filter(isRefusal).length;
        return { answered: NOISY_CALLS - refused, refused };
      },
    },
  }),
];
