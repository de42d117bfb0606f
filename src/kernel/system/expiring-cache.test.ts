import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpiringCache } from "./expiring-cache.ts";

test("An answer is kept for its life, then asked for again", async () => {
  const cache = new ExpiringCache<number>({ lifeMs: 5, sizeMax: 2 });
  let asked = 0;
  const ask = async () => ++asked;
  assert.equal(await cache.get("a", 0, ask), 1);
  assert.equal(await cache.get("a", 4, ask), 1);
  assert.equal(await cache.get("a", 5, ask), 2);
});

test("The oldest answer makes room", async () => {
  const cache = new ExpiringCache<string>({ lifeMs: 100, sizeMax: 2 });
  for (const key of ["a", "b", "c"]) await cache.get(key, 0, async () => key);
  assert.equal(await cache.get("c", 1, async () => "again"), "c");
  assert.equal(await cache.get("a", 1, async () => "again"), "again");
});

test("An answer that is not to be kept is asked for each time", async () => {
  const cache = new ExpiringCache<number>({ lifeMs: 100, sizeMax: 2, keeps: (answer) => answer > 1 });
  let asked = 0;
  const ask = async () => ++asked;
  assert.equal(await cache.get("a", 0, ask), 1);
  assert.equal(await cache.get("a", 1, ask), 2);
  assert.equal(await cache.get("a", 2, ask), 2);
});
