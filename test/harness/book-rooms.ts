import { z } from "zod";
import { command, defineContract, query, register } from "../../src/kernel/contract/contract.ts";
import { field } from "../../src/kernel/contract/field.ts";
import { defineSystem, type System } from "../../src/kernel/system/system.ts";
import { text } from "../../src/lib/language/text.ts";

/** Rooms for tests that judge a history: books, in which each entry of a page has the next number, and a desk that asks for entries elsewhere. */

/** Entries of one page at most: they are read at once, and so at one moment. */
export const PAGE_ENTRIES_MAX = 200;

const title = text("测试", "Test");
const Place = z.object({ page: z.string().min(1).max(40), value: z.string().min(1).max(60) });
const NotedEvent = z.object({ id: z.uuid(), data: Place });

/** A contract for each book: a directory gives them to different nodes. */
function bookContract<const Id extends string>(id: Id) {
  return defineContract({
    id,
    version: "1.0",
    title,
    steward: title,
    registers: {
      entry: register({
        title,
        schema: z.object({
          page: field(z.string().max(40), { title, lookup: "exact" }),
          value: field(z.string().max(60), { title }),
          number: field(z.int(), { title }),
        }),
        legalBasis: [],
        subject: { kind: "none" },
        retention: "permanent",
      }),
    },
    operations: {
      enter: command({
        ...{ title, audience: ["node"], legalBasis: [], refusals: {} },
        input: Place,
        output: z.object({ number: z.int() }),
      }),
      read: query({
        ...{ title, audience: ["node"], legalBasis: [], refusals: {} },
        input: z.object({ page: z.string().max(40) }),
        output: z.object({ values: z.array(z.string().max(60)).max(PAGE_ENTRIES_MAX) }),
      }),
      /** Enters what an event says. */
      note: command({
        ...{ title, audience: ["node"], legalBasis: [], refusals: {} },
        input: NotedEvent,
        output: z.object({}),
      }),
    },
  });
}
export const book = bookContract("book");
export const notebook = bookContract("notebook");
export const archive = bookContract("archive");

export const desk = defineContract({
  id: "desk",
  version: "1.0",
  title,
  steward: title,
  operations: {
    /** Leaves a message for the book. */
    order: command({
      ...{ title, audience: ["node"], legalBasis: [], refusals: {} },
      input: Place,
      output: z.object({}),
    }),
  },
});

function bookSystem(contract: typeof book | typeof notebook | typeof archive): System {
  return defineSystem(contract as typeof book, {
    operations: {
      async enter(ctx, { page, value }) {
        const number = await ctx.nextNumber(page);
        await ctx.registers.entry.put({ page, value, number });
        return { number };
      },
      async read(ctx, { page }) {
        const { items } = await ctx.registers.entry.find({ page }, { limit: PAGE_ENTRIES_MAX });
        const entries = items.map(({ value }) => value).toSorted((one, other) => one.number - other.number);
        return { values: entries.map(({ value }) => value) };
      },
      async note(ctx, { data: { page, value } }) {
        const number = await ctx.nextNumber(page);
        await ctx.registers.entry.put({ page, value, number });
        return {};
      },
    },
  });
}

const deskSystem = defineSystem(desk, {
  uses: { book, notebook },
  operations: {
    async order(ctx, place) {
      await ctx.rooms.book.enter(place);
      return {};
    },
  },
});

export const bookRooms: readonly System[] = [bookSystem(book), bookSystem(notebook), bookSystem(archive), deskSystem];
