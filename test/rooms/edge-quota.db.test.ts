import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type TestDatabase, testDatabase } from "#kernel/database/testing";
import {
  BURST_SECONDS,
  CALLS_MAX,
  CALLS_OF_SYSTEM_MAX,
  LEASE_SECONDS,
} from "../../src/infrastructure/exchange/xroad/limits.ts";
import { Quotas } from "../../src/infrastructure/exchange/xroad/quota.ts";
import { migrationSets } from "../../src/node/migration-sets.ts";

let opened: TestDatabase;
before(async () => {
  opened = await testDatabase({ migrations: await migrationSets() });
});
after(() => opened.close());

const AT = Date.parse("2026-11-18T02:00:00.000Z");
/** What a process of its own has. */
const process = () => new Quotas(opened.database);
async function takeAll(quotas: Quotas, client: string, about: { readonly perMinute: number; readonly atMs: number }) {
  let taken = 0;
  while ((await quotas.take(client, about.perMinute, AT + about.atMs)) === undefined) {
    taken += 1;
    quotas.release(client);
  }
  return taken;
}

test("a system has its minute, some of it at once, and no more however its clock runs", async () => {
  const quotas = process();
  let taken = 0;
  for (let second = 0; second < 120; second += 1) {
    taken += await takeAll(quotas, "a", { perMinute: 60, atMs: second * 1_000 });
  }
  // Ten at once, then one a second.
  assert.equal(taken, BURST_SECONDS + 119);
  assert.equal(await quotas.take("a", 60, AT), "minute", "time that runs back gives nothing");
});

test("several processes share one minute: a system gets no more by asking all of them", async () => {
  for (const perMinute of [60, 6_000]) {
    const client = `shared ${perMinute}`;
    const processes = [process(), process(), process()];
    let taken = 0;
    for (let second = 0; second < 30; second += 1) {
      const counts = await Promise.all(
        processes.map((each) => takeAll(each, client, { perMinute, atMs: second * 1_000 })),
      );
      taken += counts.reduce((sum, count) => sum + count, 0);
    }
    const agreed = (perMinute / 60) * (BURST_SECONDS + 29);
    assert.ok(taken <= agreed, `${taken} of ${agreed}`);
    // What a process has taken out and not used in time is lost to it, a second's worth at most.
    assert.ok(taken >= agreed - processes.length * Math.ceil(perMinute / 60) * LEASE_SECONDS, `${taken} of ${agreed}`);
  }
});

test("of a system that keeps asking with its minute used up, the database hears now and then", async () => {
  let statements = 0;
  const counted = new Quotas({
    query: (text, values) => {
      statements += 1;
      return opened.database.query(text, values);
    },
  });
  await takeAll(counted, "greedy", { perMinute: 60, atMs: 0 });
  const before = statements;
  for (let call = 0; call < 1_000; call += 1) assert.equal(await counted.take("greedy", 60, AT + 1), "minute");
  assert.ok(statements - before <= 1, `${statements - before} statements`);
});

test("one system leaves room for others, and the edge is bounded as a whole", async () => {
  const quotas = process();
  const take = (client: string) => quotas.take(client, 60_000, AT);
  for (let call = 0; call < CALLS_OF_SYSTEM_MAX; call += 1) assert.equal(await take("noisy"), undefined);
  assert.equal(await take("noisy"), "system");
  assert.equal(await take("other"), undefined);
  for (let call = CALLS_OF_SYSTEM_MAX + 1; call < CALLS_MAX; call += 1) {
    assert.equal(await take(`system ${call}`), undefined);
  }
  assert.equal(await take("late"), "edge");
  quotas.release("noisy");
  assert.equal(await take("late"), undefined);
});

test("a clock that is set back keeps nobody waiting until it is as late again", async () => {
  const quotas = process();
  const take = async (atMs: number) => {
    const wait = await quotas.take("back", 60, AT + atMs);
    if (wait === undefined) quotas.release("back");
    return wait;
  };
  for (let call = 0; call < BURST_SECONDS; call++) assert.equal(await take(600_000), undefined);
  assert.equal(await take(600_000), "minute");
  assert.equal(await take(0), "minute");
  assert.equal(await take(1_000), undefined);
});
