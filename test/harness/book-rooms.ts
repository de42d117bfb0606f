import { z } from "zod";
import { command, defineContract, query, register } from "../../src/kernel/contract/contract.ts";
import { field } from "../../src/kernel/contract/field.ts";
import { defineSystem, type System } from "../../src/kernel/system/system.ts";
import { text } from "../../src/lib/language/text.ts";

/** Two rooms for tests that judge a history: a book, in which each entry of a page has the next number, and a desk elsewhere that asks for entries. */

/** Entries of one page at most: they are read at once, and so at one moment. */
export const PAGE_ENTRIES_MAX = 200;

const title = text("测试", "Test");
const Place = z.object({ page: z.string().min(1).max(40), value: z.string().min(1).max(60) });
const NotedEvent = z.object({ id: z.uuid(), data: Place });

export const book = defineContract({
  id: "book",
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
    /** What an event says is entered on a page of its own. */
    note: command({
      ...{ title, audience: ["node"], legalBasis: [], refusals: {} },
      input: NotedEvent,
      output: z.object({}),
    }),
  },
});

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

const bookSystem = defineSystem(book, {
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

const deskSystem = defineSystem(desk, {
  uses: { book },
  operations: {
    async order(ctx, place) {
      await ctx.rooms.book.enter(place);
      return {};
    },
  },
});

export const bookRooms: readonly System[] = [bookSystem, deskSystem];
