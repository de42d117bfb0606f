import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { text } from "#lib/language/text";
import { kiosk } from "../access/sample-contract.ts";
import { type Contract, command, defineContract, query, register } from "../contract/contract.ts";
import { field } from "../contract/field.ts";
import type { System } from "./system.ts";
import { problemLines, validateRooms } from "./validate.ts";

const title = text("题", "Title");
const nothing = async () => ({});

/** A room that keeps all that its contract promises. */
function keeping(contract: Contract, more: Partial<System> = {}): System {
  return {
    contract,
    uses: {},
    operations: Object.fromEntries(Object.keys(contract.operations).map((name) => [name, nothing])),
    services: Object.fromEntries(
      Object.keys(contract.services).map((name) => [
        name,
        { facts: async () => [], screen: async () => ({ kind: "fits" as const }), slots: { record: "recordPermit" } },
      ]),
    ),
    migrations: undefined,
    ...more,
  };
}

function faults(...systems: System[]): string {
  return problemLines(validateRooms(systems));
}

const empty = (id: string) => defineContract({ id, version: "1.0", title, steward: title });

test("a sound set of rooms has no problem", () => {
  assert.equal(faults(keeping(kiosk), keeping(empty("other"), { uses: { kiosk } })), "");
});

test("everything that is wrong with a contract is reported at once", () => {
  const broken = defineContract({
    id: "Broken_Room",
    version: "1.0",
    title: text("", "Title"),
    steward: title,
    registers: {
      person: register({
        title,
        schema: z.object({
          name: field(z.string().max(9), { title, sensitive: true, lookup: "name" }),
          age: z.number(),
          born: field(z.number(), { title, kind: "date" }),
          sex: field(z.enum(["f", "m"]), { title, options: { f: title } }),
        }),
        subject: { kind: "person", by: "identity" as "name" },
        legalBasis: [],
        retention: { years: 0 },
      }),
    },
    operations: {
      "find-it": query({
        title,
        audience: [],
        input: z.object({}),
        output: z.object({}),
        refusals: {},
        legalBasis: [],
      }),
      close: command({
        title: text("关闭 {count}", "Close {number}"),
        audience: ["official"],
        input: z.object({}),
        output: z.object({}),
        refusals: { Not_Found: title, denied: title },
        legalBasis: [],
      }),
      open: command({
        title,
        audience: ["person"],
        duty: "opens",
        input: z.object({
          text: z.string(),
          list: z.array(z.object({ day: z.iso.date(), code: z.string().regex(/^[0-9]$/) })),
          either: z.union([z.string().max(3), z.object({ all: z.record(z.string(), z.number()) })]),
        }),
        output: z.object({}),
        refusals: {},
        legalBasis: [],
      }),
    },
  });
  const found = faults(keeping(broken));
  for (const expected of [
    /the id is not kebab-case/,
    /title: the zh text is missing/,
    /find-it: the name is not camelCase/,
    /find-it: nobody may call it/,
    /close\.title: the two languages fill in different values/,
    /close: officials may call it, and no duty is named/,
    /the refusal Not_Found is not kebab-case/,
    /the refusal denied is one that every door has/,
    /open: it names a duty, and officials may not call it/,
    /open\.input\.text: it has no greatest size/,
    /open\.input\.list: it has no greatest size/,
    /open\.input\.either\.all\.\*: it has no greatest size/,
    /open: the duty opens is not of the form/,
    /person: its subject's attribute identity does not exist/,
    /person: it is about persons, and cites no legal basis/,
    /person: its retention is not a number of years/,
    /person\.name: a sensitive attribute is not found by words/,
    /person\.age: the attribute has no title/,
    /person\.born: a date field cannot hold a number/,
    /person\.sex: the option m has no text/,
  ]) {
    assert.match(found, expected);
  }
  assert.doesNotMatch(found, /input\.list\[\]/);
});

test("a room that does not keep its promises, or is bound wrongly, is reported", () => {
  const lax = keeping(kiosk, { operations: { findKeeper: nothing, extra: nothing }, services: {} });
  const found = faults(lax);
  assert.match(found, /kiosk\.operations\.moveStand: it is promised, and nothing keeps it/);
  assert.match(found, /kiosk\.operations\.extra: it is kept, and was never promised/);
  assert.match(found, /kiosk\.services\.permit: it is promised, and nothing keeps it/);
  assert.match(found, /slots\.record: it is promised, and nothing keeps it/);

  const bind = (record: string) =>
    faults(
      keeping(kiosk, {
        services: { permit: { facts: async () => [], screen: async () => ({ kind: "fits" }), slots: { record } } },
      }),
    );
  assert.match(bind("nowhere"), /it is bound to nowhere, which is not an operation of this room/);
  assert.match(bind("moveStand"), /moveStand is not open to the node/);
  assert.match(bind("moveStand"), /moveStand does not take a caseId/);
  assert.equal(bind("recordPermit"), "");
});

test("uses must be there, of the same major version, and without a circle", () => {
  const [a, b, c] = ["room-a", "room-b", "room-c"].map(empty) as [Contract, Contract, Contract];
  assert.match(faults(keeping(a, { uses: { b } })), /it uses the room room-b, which is not there/);
  const second = defineContract({ id: "room-b", version: "2.0", title, steward: title });
  assert.match(faults(keeping(a, { uses: { b } }), keeping(second)), /it uses room-b 1\.0; there is 2\.0/);
  const circle = faults(keeping(a, { uses: { b } }), keeping(b, { uses: { c } }), keeping(c, { uses: { a } }));
  assert.match(circle, /room-a → room-b → room-c → room-a/);
  assert.equal(circle.split("\n").length, 1);
});

test("ids and number prefixes are used once", () => {
  const copy = defineContract({
    id: "copy",
    version: kiosk.version,
    title,
    steward: title,
    operations: kiosk.operations,
    services: kiosk.services,
  });
  assert.match(faults(keeping(kiosk), keeping(copy)), /copy\.permit: the number prefix KP is used twice/);
  assert.match(faults(keeping(copy), keeping(copy)), /copy: two rooms have this id/);
});

test("a diagram or a folder of migrations that is not there is reported", () => {
  const [name, permit] = Object.entries(kiosk.services)[0] ?? assert.fail();
  const procedure = { ...permit.procedure, diagram: new URL("./missing.bpmn", import.meta.url) };
  const lost = { ...kiosk, services: { [name]: { ...permit, procedure } } } as unknown as Contract;
  assert.match(faults(keeping(lost)), /there is no diagram at file:.*missing\.bpmn/);
  const migrations = new URL("./no-migrations/", import.meta.url);
  assert.match(faults(keeping(kiosk, { migrations })), /there is no folder of migrations/);
});
