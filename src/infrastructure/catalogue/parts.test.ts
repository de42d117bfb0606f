import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { defineContract, query, register } from "#kernel/contract/contract";
import { text } from "#lib/language/text";
import { isAnswer, neededBeside, sharingOf } from "./parts.ts";
import { resourcesOf } from "./resources.ts";

const title = text("名称", "Name");
const legalBasis = [cite(title, "第一条")];
const answering = (output: z.ZodObject) =>
  query({ title, audience: ["node"], input: z.object({}), output, refusals: {}, legalBasis });
const one = z.object({
  id: z.string(),
  name: z.string(),
  mobile: z.string().optional(),
  since: z.string().default(""),
});

const RESOURCES = new Map(
  resourcesOf([
    defineContract({
      ...{ id: "room", version: "1.0", title, steward: title },
      registers: {
        entry: register({
          ...{ title, legalBasis, retention: "permanent", subject: { kind: "person", by: "person" } },
          schema: z.object({ person: z.string(), name: z.string(), note: z.string().optional() }),
        }),
      },
      operations: {
        single: answering(one),
        list: answering(z.object({ items: z.array(one), next: z.string().optional() })),
        maybe: answering(z.object({ total: z.int(), items: z.array(one).optional() })),
        loose: answering(z.object({ items: z.array(one.partial()) })),
      },
    }),
  ]).map((resource) => [resource.id, resource]),
);
const resource = (name: string) => {
  const found = RESOURCES.get(`room.${name}`);
  assert.ok(found);
  return found;
};
const missing = (name: string, ...given: string[]) => neededBeside(resource(name), new Set(given));

test("what an answer cannot be without follows from the contract's schema", () => {
  assert.deepEqual(missing("single", "id", "name", "since"), []);
  // What has a default would be made up by whoever receives it.
  assert.deepEqual(missing("single", "id", "mobile"), ["name", "since"]);
  assert.deepEqual(missing("list", "next", "items.id"), ["items.name", "items.since"]);
  assert.deepEqual(missing("maybe", "total"), []);
  assert.deepEqual(missing("maybe", "total", "items.mobile"), ["items.id", "items.name", "items.since"]);
  assert.deepEqual(missing("loose", "items.mobile"), ["items.id"]);
});

test("of a data set only who it concerns is needed", () => {
  assert.deepEqual(missing("entry", "name"), ["person"]);
  assert.equal(isAnswer(resource("entry"), new Set(["person", "note"])), true);
});

test("a service is open, on conditions or closed by what an answer needs, not by its strictest attribute", () => {
  const shared = (mobile: "conditional" | "none", name: "unconditional" | "conditional" | "none") =>
    sharingOf(resource("single"), [
      { name: "id", sharing: "unconditional" },
      { name: "since", sharing: "unconditional" },
      { name: "name", sharing: name },
      { name: "mobile", sharing: mobile },
    ]);
  assert.equal(shared("none", "unconditional"), "unconditional");
  assert.equal(shared("none", "conditional"), "conditional");
  assert.equal(shared("conditional", "none"), "none");
});
