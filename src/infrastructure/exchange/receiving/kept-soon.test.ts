import assert from "node:assert/strict";
import { test } from "node:test";
import { keptSoon } from "./kept-soon.ts";

const NEVER_MS = 1_000_000;

test("it is written once, with what first needs it", async () => {
  let written = 0;
  const write = async () => {
    written += 1;
  };
  const keep = keptSoon(write, { withinMs: NEVER_MS, onFault: assert.ifError });
  assert.equal(written, 0);
  await Promise.all([keep(), keep()]);
  await keep();
  assert.equal(written, 1);
});

test("what nothing needs is written by itself, and a fault is told", async () => {
  const told = Promise.withResolvers<unknown>();
  const full = new Error("the disk is full");
  keptSoon(() => Promise.reject(full), { withinMs: 1, onFault: told.resolve });
  assert.equal(await told.promise, full);
});

test("what could not be written is written anew for whoever needs it next", async () => {
  let fails = true;
  const write = () => (fails ? Promise.reject(new Error("the disk is full")) : Promise.resolve());
  const keep = keptSoon(write, { withinMs: NEVER_MS, onFault: assert.ifError });
  await assert.rejects(keep());
  fails = false;
  await keep();
});
