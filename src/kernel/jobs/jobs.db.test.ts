import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { addJob, migrateJobs, startJobs } from "./jobs.ts";

let place: TestDatabase;
before(async () => {
  place = await testDatabase();
  await migrateJobs(place.url);
});
after(() => place.close());

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
