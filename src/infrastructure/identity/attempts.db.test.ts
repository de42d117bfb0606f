import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { testDatabase } from "#kernel/database/testing";
import {
  accountSubject,
  addressSubject,
  FIRST_WAIT_MS,
  FREE_FAILURES,
  forgiveUnlessLocked,
  MEMORY_MS,
  noteFailure,
  WAIT_MAX_MS,
  waitAfter,
  waitSeconds,
} from "./attempts.ts";

const folder = fileURLToPath(new URL("./migrations/", import.meta.url));
const { database, close } = await testDatabase({ migrations: [{ scope: "identity", folder }] });
after(close);

const START = Date.parse("2026-03-02T01:00:00Z");
const at = (offsetMs: number) => new Date(START + offsetMs).toISOString();

test("The wait begins after the free failures, doubles and has an end", () => {
  assert.equal(waitAfter("account", FREE_FAILURES.account - 1), 0);
  assert.equal(waitAfter("account", FREE_FAILURES.account), FIRST_WAIT_MS);
  assert.equal(waitAfter("account", FREE_FAILURES.account + 2), 4 * FIRST_WAIT_MS);
  assert.equal(waitAfter("account", 10_000), WAIT_MAX_MS);
  assert.equal(waitAfter("address", FREE_FAILURES.account), 0);
});

test("Failures of one name lock that name alone, and the lock passes", async () => {
  const name = accountSubject("locked-name");
  for (let failed = 1; failed < FREE_FAILURES.account; failed++)
    assert.equal(await noteFailure(database, name, at(failed)), 0);
  assert.equal(await waitSeconds(database, [name], at(10)), 0);
  assert.equal(await noteFailure(database, name, at(10)), FIRST_WAIT_MS / 1000);
  assert.equal(await waitSeconds(database, [name, addressSubject("192.0.2.1")], at(10)), FIRST_WAIT_MS / 1000);
  assert.equal(await waitSeconds(database, [accountSubject("other-name")], at(10)), 0);
  assert.equal(await waitSeconds(database, [name], at(10 + FIRST_WAIT_MS)), 0);
});

test("A right password forgives, unless the lock fell meanwhile", async () => {
  const name = accountSubject("forgiven-name");
  await noteFailure(database, name, at(0));
  assert.equal(await forgiveUnlessLocked(database, name, at(1)), true);
  for (let failed = 1; failed < FREE_FAILURES.account; failed++)
    assert.equal(await noteFailure(database, name, at(2)), 0);
  assert.ok((await noteFailure(database, name, at(3))) > 0);
  assert.equal(await forgiveUnlessLocked(database, name, at(4)), false);
});

test("Failures count when they come at once", async () => {
  const name = accountSubject("guessed-at-once");
  await Promise.all(Array.from({ length: 40 }, () => database.transaction((tx) => noteFailure(tx, name, at(0)))));
  assert.equal(await waitSeconds(database, [name], at(0)), WAIT_MAX_MS / 1000);
});

test("Old failures are forgotten", async () => {
  const name = accountSubject("forgetful");
  for (let failed = 0; failed < FREE_FAILURES.account; failed++) await noteFailure(database, name, at(0));
  assert.equal(await noteFailure(database, name, at(MEMORY_MS + 60_000)), 0);
});
