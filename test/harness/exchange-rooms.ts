import { z } from "zod";
import { cite, PERSONAL_INFORMATION_LAW } from "../../src/kernel/contract/citation.ts";
import { command, defineContract, query, register } from "../../src/kernel/contract/contract.ts";
import { field } from "../../src/kernel/contract/field.ts";
import { isRefusal } from "../../src/kernel/contract/refusal.ts";
import type { Principal } from "../../src/kernel/system/act.ts";
import { defineSystem } from "../../src/kernel/system/system.ts";
import { text } from "../../src/lib/language/text.ts";
import { Country } from "./exchange-nodes.ts";

/** Two rooms that use each other across nodes: a register of people, and births, which asks it. */

const title = text("测试", "Test");
const basis = cite(PERSONAL_INFORMATION_LAW, "第十三条");
const Person = z.object({
  name: field(z.string().max(20), { title, lookup: "name" }),
  number: field(z.string().max(40), { title, sensitive: true, lookup: "unique" }),
});

export const people = defineContract({
  id: "people",
  version: "1.0",
  title,
  steward: title,
  registers: {
    person: register({
      title,
      schema: Person,
      subject: { kind: "person", by: "key" },
      legalBasis: [basis],
      retention: "permanent",
    }),
  },
  operations: {
    addPerson: command({
      title,
      audience: ["official", "node"],
      duty: "people.keep",
      input: Person,
      output: z.object({ id: z.uuid() }),
      refusals: { "name-forbidden": text("不能叫这个名字", "Not this name") },
      legalBasis: [],
    }),
    findPerson: query({
      title,
      audience: ["official", "node"],
      duty: "people.keep",
      input: z.object({ id: z.uuid() }),
      output: Person,
      refusals: { "not-found": text("没有", "None") },
      legalBasis: [],
    }),
    ping: query({
      title,
      audience: ["public"],
      input: z.object({ say: z.string().max(1000), waitMs: z.int().max(5000).default(0) }),
      output: z.object({ said: z.string().max(1000) }),
      refusals: {},
      legalBasis: [],
    }),
  },
});

export const births = defineContract({
  id: "births",
  version: "1.0",
  title,
  steward: title,
  operations: {
    registerBirth: command({
      title,
      audience: ["official"],
      duty: "births.register",
      input: z.object({ mother: z.uuid(), child: z.string().max(40) }),
      output: z.object({ name: z.string() }),
      refusals: { "mother-unknown": text("没有查到母亲", "The mother is unknown") },
      legalBasis: [],
    }),
  },
});

const peopleSystem = defineSystem(people, {
  operations: {
    async addPerson(ctx, person) {
      const id = await ctx.registers.person.put(person);
      return person.name === "禁止" ? ctx.refuse("name-forbidden") : { id };
    },
    async findPerson(ctx, { id }) {
      return (await ctx.registers.person.get(id))?.value ?? ctx.refuse("not-found");
    },
    async ping(_ctx, { say, waitMs }) {
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      return { said: say };
    },
  },
});

const birthsSystem = defineSystem(births, {
  uses: { people },
  operations: {
    async registerBirth(ctx, { mother, child }) {
      const found = await ctx.rooms.people.findPerson({ id: mother });
      if (isRefusal(found)) return ctx.refuse("mother-unknown");
      await ctx.rooms.people.addPerson({ name: child, number: `n-${child}` });
      return { name: found.name };
    },
  },
});

const post = {
  id: "00000000-0000-4000-8000-0000000000aa",
  title,
  authority: "00000000-0000-4000-8000-000000000001",
  authorityName: title,
  duties: ["people.keep", "births.register"],
  division: "990101",
};
export const clerk: Extract<Principal, { readonly kind: "official" }> = {
  kind: "official",
  id: "00000000-0000-4000-8000-0000000000bb",
  post,
  assurance: 1,
};
export const systems = [peopleSystem, birthsSystem];

/** The centre keeps people, the county births. */
export function peopleAndBirths(
  options: { readonly suite?: "national"; readonly callTimeoutMs?: number } = {},
): Promise<Country> {
  return Country.open(
    { code: "centre", division: "000000", systems, hosts: ["people"], ...options },
    { code: "county", division: "990101", systems, hosts: ["births"], authorities: [1], ...options },
  );
}
