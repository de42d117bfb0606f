import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { addJob, LAST_QUEUE_MIGRATION, migrateJobs, startJobs } from "./jobs.ts";

let place: TestDatabase;
before(async () => {
  place = await testDatabase();
  await migrateJobs(place.url);
});
after(() => place.close());

test("the queue's library made its tables, up to the migration that we take for its last, and tables of an older version are carried on", async () => {
  const made = async () => {
    const rows = await place.database.query<{ id: number }>("SELECT id FROM graphile_worker.migrations ORDER BY id");
    return rows.map(({ id }) => id);
  };
  const all = await made();
  assert.equal(all.at(-1), LAST_QUEUE_MIGRATION);
  await using older = await testDatabase();
  await older.database.query("CREATE SCHEMA graphile_worker");
  await older.database.query(
    "CREATE TABLE graphile_worker.migrations (id int PRIMARY KEY, ts timestamptz DEFAULT now(), breaking boolean DEFAULT false)",
  );
  await migrateJobs(older.url);
  const carried = await older.database.query<{ id: number }>("SELECT id FROM graphile_worker.migrations ORDER BY id");
  assert.deepEqual(
    carried.map(({ id }) => id),
    all,
  );
  await migrateJobs(older.url);
});

test("the jobs of a process that was killed are done by the next one, at once", async () => {
  await addJob(place.database, "count", { step: 1 }, { key: "lost" });
  await place.database.query(
    "UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'worker-killed', attempts = 1 WHERE key = 'lost'",
  );
  const { promise: done, resolve } = Promise.withResolvers<unknown>();
  const jobs = await startJobs({
    connectionString: place.url,
    tasks: { count: async (payload, attempt) => resolve({ payload, attempt: attempt.number }) },
    log: { failed: () => undefined },
  });
  try {
    assert.deepEqual(await done, { payload: { step: 1 }, attempt: 2 });
  } finally {
    await jobs.stop();
  }
});

test("a job whose time is to stay keeps it when it is added again", async () => {
  const key = "daily";
  await addJob(place.database, "count", {}, { key, runAt: "2100-01-01T00:00:00Z" });
  await addJob(place.database, "count", {}, { key, runAt: "2200-01-01T00:00:00Z", keepsRunAt: true });
  const rows = await place.database.query<{ year: number }>(
    "SELECT extract(year FROM run_at)::int AS year FROM graphile_worker.jobs WHERE key = $1",
    [key],
  );
  assert.deepEqual(rows, [{ year: 2100 }]);
});
