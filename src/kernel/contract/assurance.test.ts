import assert from "node:assert/strict";
import { test } from "node:test";
import type { Assurance, Principal, ProvenAt } from "../system/act.ts";
import { isAssured } from "./assurance.ts";

const AT = "2026-11-18T02:00:00.000Z";
const before = (minutes: number) => new Date(Date.parse(AT) - minutes * 60_000).toISOString();
const person = (assurance: Assurance, provenAt?: ProvenAt): Principal => ({
  kind: "person",
  id: "p",
  assurance,
  ...(provenAt && { provenAt }),
});

test("A level is enough for itself and for those below; strangers have none, and rooms of the node act for procedures", () => {
  for (const has of [1, 2, 3] as const)
    for (const level of [1, 2, 3] as const) assert.equal(isAssured(person(has), { level }, AT), has >= level);
  assert.equal(isAssured({ kind: "public" }, { level: 1 }, AT), false);
  assert.equal(isAssured({ kind: "node", room: "quality" }, { level: 3, withinMinutes: 1 }, AT), true);
  assert.equal(isAssured({ kind: "public" }, undefined, AT), true);
});

test("Where it must be fresh, only a proof of the level or above counts, and only for so long", () => {
  const need = { level: 2, withinMinutes: 15 } as const;
  assert.equal(isAssured(person(2, { 1: before(0), 2: before(15) }), need, AT), true);
  assert.equal(isAssured(person(2, { 1: before(0), 2: before(16) }), need, AT), false);
  assert.equal(isAssured(person(3, { 2: before(40), 3: before(3) }), need, AT), true);
  assert.equal(isAssured(person(3, { 2: before(3), 3: before(40) }), { ...need, level: 3 }, AT), false);
  assert.equal(isAssured(person(3), need, AT), false, "of a proof whose time is not known, none is fresh");
  assert.equal(isAssured(person(2, { 2: before(-1) }), need, AT), true, "another request proved it just now");
  assert.equal(
    isAssured(person(2, { 2: before(-16) }), need, AT),
    false,
    "a clock that was turned back proves nothing",
  );
});
