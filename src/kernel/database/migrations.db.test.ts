import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { isFault } from "../errors/fault.ts";
import { migrate, pendingMigrations } from "./migrations.ts";
import { type TestDatabase, testDatabase } from "./testing.ts";

let folder: string;
let own: TestDatabase;
before(async () => {
  own = await testDatabase();
});
after(() => own.close());
beforeEach(async (context) => {
  folder = await mkdtemp(join(tmpdir(), "zhengtong-migrations-"));
  (context as { after?: (work: () => Promise<void>) => void }).after?.(() => rm(folder, { recursive: true }));
});

const fault = (code: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(isFault(error, code as `ERR_${string}`), String(error));
  assert.match(error.message, pattern);
  return true;
};

describe("migrations", () => {
  test("are applied once, in order, also when two processes start at once", async () => {
    await writeFile(join(folder, "0001-first.sql"), "CREATE TABLE once (a integer); INSERT INTO once VALUES (1);");
    await writeFile(join(folder, "0002-second-step.sql"), "INSERT INTO once VALUES (2)");
    const sets = [{ scope: "once", folder }];
    assert.equal((await pendingMigrations(own.database, sets)).length, 2);
    const reports = await Promise.all([migrate(own.database, sets), migrate(own.database, sets)]);
    assert.equal(reports.flatMap((report) => report.applied).length, 2);
    assert.deepEqual(await migrate(own.database, sets), { applied: [], total: 2 });
    assert.deepEqual(await own.database.query("SELECT a FROM once"), [{ a: 1 }, { a: 2 }]);
    assert.deepEqual(await pendingMigrations(own.database, sets), []);
  });

  test("leave alone what a newer version applied", async () => {
    const sets = [{ scope: "newer", folder }];
    await writeFile(join(folder, "0001-first.sql"), "SELECT 1");
    await writeFile(join(folder, "0002-newer.sql"), "SELECT 2");
    await migrate(own.database, sets);
    await rm(join(folder, "0002-newer.sql"));
    assert.deepEqual((await migrate(own.database, sets)).applied, []);
  });

  test("name the file that was changed after it was applied", async () => {
    const sets = [{ scope: "changed", folder }];
    await writeFile(join(folder, "0001-first.sql"), "SELECT 1");
    await migrate(own.database, sets);
    await writeFile(join(folder, "0001-first.sql"), "SELECT 2");
    await assert.rejects(migrate(own.database, sets), fault("ERR_MIGRATION_CHANGED", /0001-first\.sql/));
  });

  test("name the file that failed, and leave nothing of it", async () => {
    const sets = [{ scope: "failing", folder }];
    await writeFile(join(folder, "0001-first.sql"), "CREATE TABLE half (a integer); INSERT INTO nowhere VALUES (1)");
    await assert.rejects(migrate(own.database, sets), fault("ERR_MIGRATION_FAILED", /0001-first\.sql.*nowhere/));
    assert.deepEqual(await own.database.query("SELECT to_regclass('half') AS half"), [{ half: null }]);
    assert.equal((await pendingMigrations(own.database, sets)).length, 1);
  });

  test("report gaps, duplicates and wrong names together", async () => {
    for (const file of ["0001-a.sql", "0001-b.sql", "0003-c.sql", "4-d.sql"]) await writeFile(join(folder, file), "");
    const refused = migrate(own.database, [
      { scope: "bad", folder },
      { scope: "bad", folder: "/nowhere" },
    ]);
    await assert.rejects(refused, fault("ERR_MIGRATION_FILES", /0001-b\.sql twice.*gap before 0003.*4-d\.sql.*twice/s));
  });

  test("make a template of which test databases are copies", async () => {
    await writeFile(join(folder, "0001-first.sql"), "CREATE TABLE copied (a integer); INSERT INTO copied VALUES (7)");
    const sets = [{ scope: "copied", folder }];
    await using left = await testDatabase({ migrations: sets });
    await using right = await testDatabase({ migrations: sets });
    await left.database.execute("UPDATE copied SET a = 8");
    assert.deepEqual(await right.database.query("SELECT a FROM copied"), [{ a: 7 }]);
    assert.deepEqual((await migrate(right.database, sets)).applied, []);
  });
});
