// Type tests: each `@ts-expect-error` must stay an error. Checked by `tsc --noEmit`.
import { z } from "zod";
import { text } from "#lib/language/text";
import { command, defineContract, query, register } from "../contract/contract.ts";
import { isRefusal } from "../contract/refusal.ts";
import { defineSystem, implementer } from "./system.ts";

const title = text("题", "Title");
const Person = z.object({ name: z.string() });

const people = defineContract({
  id: "people",
  version: "1.0",
  title,
  steward: title,
  registers: {
    person: register({
      title,
      schema: Person,
      subject: { kind: "person", by: "key" },
      legalBasis: [],
      retention: "permanent",
    }),
  },
  operations: {
    findPerson: query({
      title,
      audience: ["node"],
      input: z.object({ id: z.string() }),
      output: z.object({ id: z.string(), name: z.string() }),
      refusals: { "not-found": title },
      legalBasis: [],
    }),
    namePerson: command({
      title,
      audience: ["node"],
      input: z.object({ id: z.string(), name: z.string() }),
      output: z.object({}),
      refusals: {},
      legalBasis: [],
    }),
  },
});

const births = defineContract({
  id: "births",
  version: "1.0",
  title,
  steward: title,
  operations: {
    registerBirth: command({
      title,
      audience: ["official"],
      duty: "births.register",
      input: z.object({ motherId: z.string() }),
      output: z.object({ id: z.string() }),
      refusals: { "mother-not-found": title, "already-registered": title },
      legalBasis: [],
    }),
  },
});

// A missing handler.
// @ts-expect-error registerBirth has no handler
defineSystem(births, { operations: {} });

defineSystem(births, {
  uses: { people },
  operations: {
    async registerBirth(ctx, input) {
      // @ts-expect-error undeclared refusal
      ctx.refuse("nope");
      // @ts-expect-error undeclared use
      ctx.rooms.taxes;
      // @ts-expect-error unknown field
      input.surname;
      // @ts-expect-error wrong input
      await ctx.rooms.people.findPerson({ ident: 1 });
      const mother = await ctx.rooms.people.findPerson({ id: input.motherId });
      // @ts-expect-error a refusal has no name: look first
      mother.name;
      if (isRefusal(mother)) {
        // The callee's refusals are typed.
        const code:
          | "not-found"
          | "denied"
          | "unavailable"
          | "invalid-input"
          | "purpose-missing"
          | "repeated-differently"
          | "assurance-needed"
          | "quota-spent" = mother.code;
        // @ts-expect-error no such code
        mother.code === "dead";
        return ctx.refuse(code === "not-found" ? "mother-not-found" : "already-registered");
      }
      // A command to another room is a message: it has no answer.
      const sent = await ctx.rooms.people.namePerson({ id: mother.id, name: "x" });
      sent.messageId satisfies string;
      return { id: mother.name };
    },
  },
});

defineSystem(births, {
  operations: {
    // @ts-expect-error wrong output
    async registerBirth() {
      return { ident: 1 };
    },
  },
});

const implement = implementer(people);
export const findPerson = implement("findPerson", async (ctx, { id }) => {
  const found = await ctx.registers.person.get(id);
  return found ? { id, name: found.value.name } : ctx.refuse("not-found");
});
// @ts-expect-error unknown operation
implement("findPersonn", async () => ({}));
// @ts-expect-error an output that lacks a field
implement("findPerson", async () => ({ id: "1" }));
implement("findPerson", async (ctx) => {
  // @ts-expect-error undeclared register
  ctx.registers.persons;
  // @ts-expect-error wrong value
  await ctx.registers.person.put({ nom: "x" });
  return ctx.refuse("not-found");
});
