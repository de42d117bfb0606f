import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isFault } from "../errors/fault.ts";
import { COPY_BEGINNING, COPY_END, CopyFields } from "./copy-fields.ts";
import { openDatabase } from "./database.ts";
import { DatabaseFault } from "./database-fault.ts";
import { type TestDatabase, testDatabase } from "./testing.ts";

let own: TestDatabase;
before(async () => {
  own = await testDatabase({ open: { poolSize: 4 } });
  await own.database.execute("CREATE TABLE thing (id integer PRIMARY KEY, name text)");
});
after(() => own.close());

const fault = (code: string) => (error: unknown) => isFault(error, code as `ERR_${string}`);

describe("values", () => {
  test("are read exactly", async () => {
    const [row] = await own.database.query(`SELECT 9007199254740991::int8 AS big, 1.50::numeric AS money,
      '2024-02-29'::date AS day, '2026-01-31 08:00:00.123456+08'::timestamptz AS instant, '\\x00ff'::bytea AS bytes,
      '{"a":[1,null]}'::jsonb AS json, ARRAY['a', NULL, '堃,"'] AS list, ARRAY[1::int8] AS numbers, true AS yes, NULL AS nothing,
      '019a0000-0000-7000-8000-000000000001'::uuid AS id, 0.1::float8 AS ratio`);
    assert.deepEqual(row, {
      big: 9007199254740991,
      money: "1.50",
      day: "2024-02-29",
      instant: "2026-01-31T00:00:00.123456Z",
      bytes: Buffer.from([0, 255]),
      json: { a: [1, null] },
      list: ["a", null, '堃,"'],
      numbers: [1],
      yes: true,
      nothing: null,
      id: "019a0000-0000-7000-8000-000000000001",
      ratio: 0.1,
    });
  });

  test("an integer that a number cannot hold is a fault, and the connection stays usable", async () => {
    await assert.rejects(
      own.database.query("SELECT 9007199254740993::int8 AS big"),
      fault("ERR_DATABASE_UNSAFE_INTEGER"),
    );
    assert.deepEqual(await own.database.query("SELECT 1 AS one"), [{ one: 1 }]);
  });

  test("lists are written as they are read", async () => {
    const texts = ["", "a b", 'say "no"', "back\\slash", "NULL", "null", null, "堃,{犇}", "-1.5e3", "a:b"];
    const [row] = await own.database.query(
      "SELECT $1::text[] AS texts, $2::bytea[] AS bytes, $3::bool[] AS flags, $4::int[] AS nested, $5::jsonb[] AS json",
      [texts, [Buffer.from([0, 92, 34]), null], [true, false], [], [{ a: '"' }]],
    );
    const bytes = [Buffer.from([0, 92, 34]), null];
    assert.deepEqual(row, { texts, bytes, flags: [true, false], nested: [], json: [{ a: '"' }] });
  });

  test("are written as they are read", async () => {
    const values = [
      Temporal.PlainDate.from("2024-02-29"),
      Temporal.Instant.from("2026-01-31T00:00:00.123456Z"),
      { a: 1 },
    ];
    const [row] = await own.database.query(
      "SELECT $1::date AS day, $2::timestamptz AS instant, $3::jsonb AS json",
      values,
    );
    assert.deepEqual(row, { day: "2024-02-29", instant: "2026-01-31T00:00:00.123456Z", json: { a: 1 } });
  });
});

describe("statements", () => {
  test("that come again are prepared", async () => {
    const text = "SELECT $1::int AS twice";
    await own.database.transaction(async (tx) => {
      for (let round = 0; round < 3; round += 1) assert.deepEqual(await tx.query(text, [round]), [{ twice: round }]);
      const prepared = await tx.query("SELECT name FROM pg_prepared_statements WHERE statement = $1", [text]);
      assert.equal(prepared.length, 1);
    });
  });

  test("survive that a table changes under them", async () => {
    await own.database.execute("CREATE TABLE changing (a integer)");
    for (let round = 0; round < 4; round += 1) await own.database.query("SELECT * FROM changing", []);
    await own.database.execute("ALTER TABLE changing ADD COLUMN b integer");
    for (let round = 0; round < 4; round += 1) await own.database.query("SELECT * FROM changing", []);
    const whole = await own.database.transaction((tx) => tx.query("SELECT * FROM changing", []));
    assert.deepEqual(whole, []);
  });

  test("report how many rows they touched", async () => {
    assert.equal(await own.database.execute("SELECT generate_series(1, 3)"), 3);
  });

  test("fail with a stable code, the constraint and no value", async () => {
    await own.database.execute("INSERT INTO thing VALUES (1, 'first')");
    await assert.rejects(own.database.execute("INSERT INTO thing VALUES (1, 'secret')"), (error: unknown) => {
      assert.ok(error instanceof DatabaseFault);
      assert.equal(error.code, "ERR_DATABASE_UNIQUE");
      assert.equal(error.constraint, "thing_pkey");
      return true;
    });
    await assert.rejects(own.database.query("SELECT $1::text::integer", ["secret"]), (error: unknown) => {
      assert.ok(isFault(error, "ERR_DATABASE_DATA"));
      assert.doesNotMatch(`${error.message}${error.cause ?? ""}`, /secret/);
      return true;
    });
  });
});

describe("transactions", () => {
  test("commit what returns and roll back what throws", async () => {
    await own.database.transaction((tx) => tx.execute("INSERT INTO thing VALUES (10, 'kept')"));
    const wish = new Error("no");
    await assert.rejects(
      own.database.transaction(async (tx) => {
        await tx.execute("INSERT INTO thing VALUES (11, 'dropped')");
        throw wish;
      }),
      wish,
    );
    assert.deepEqual(await own.database.query("SELECT id FROM thing WHERE id IN (10, 11)"), [{ id: 10 }]);
  });

  test("send statements that are not awaited together, and keep their order", async () => {
    const ids = await own.database.transaction(async (tx) => {
      void tx.execute("CREATE TEMP TABLE step (n integer) ON COMMIT DROP");
      const inserts = Array.from({ length: 50 }, (_, n) => tx.query("INSERT INTO step VALUES ($1) RETURNING n", [n]));
      return (await Promise.all(inserts)).flat();
    });
    assert.deepEqual(
      ids,
      Array.from({ length: 50 }, (_, n) => ({ n })),
    );
  });

  test("do not commit when a statement that nobody awaited failed", async () => {
    await assert.rejects(
      own.database.transaction(async (tx) => {
        tx.execute("INSERT INTO thing VALUES (20, 'half')").catch(() => undefined);
        tx.execute("INSERT INTO nowhere VALUES (1)").catch(() => undefined);
      }),
      fault("ERR_DATABASE_STATEMENT"),
    );
    assert.deepEqual(await own.database.query("SELECT id FROM thing WHERE id = 20"), []);
  });

  test("do not commit when a write that nobody awaits fails before it has sent anything", async () => {
    const deep = async (depth: number): Promise<unknown> => {
      if (depth > 0) return await deep(depth - 1);
      throw new RangeError("too long");
    };
    for (const depth of [0, 1, 5]) {
      await assert.rejects(
        own.database.transaction(async (tx) => {
          tx.unanswered(tx.execute("INSERT INTO thing VALUES (21, 'half')"), deep(depth));
        }),
        RangeError,
      );
    }
    assert.deepEqual(await own.database.query("SELECT id FROM thing WHERE id = 21"), []);
  });

  test("say that a write which nobody awaits took more than one turn", async () => {
    await assert.rejects(
      own.database.transaction(async (tx) => {
        const slow = async () => {
          await tx.query("SELECT 1");
          await tx.execute("INSERT INTO thing VALUES (22, 'late')");
        };
        tx.unanswered(slow());
      }),
      fault("ERR_ASSERTION"),
    );
  });

  test("commit what nobody awaited, and give its answers afterwards", async () => {
    let rows: Promise<readonly object[]> | undefined;
    await own.database.transaction(async (tx) => {
      void tx.execute("INSERT INTO thing VALUES (21, 'together')");
      rows = tx.query("SELECT name FROM thing WHERE id = $1", [21]);
    });
    assert.deepEqual(await rows, [{ name: "together" }]);
    assert.deepEqual(await own.database.query("SELECT name FROM thing WHERE id = 21"), [{ name: "together" }]);
  });

  test("leave out what follows a failure, the commit included, and go on with the connection", async () => {
    await using single = await openDatabase({ url: own.url, poolSize: 1 });
    for (let round = 0; round < 3; round += 1) {
      let later: Promise<unknown> | undefined;
      const work = single.transaction(async (tx) => {
        void tx.execute("INSERT INTO thing VALUES (22, 'half')");
        void tx.execute("INSERT INTO thing VALUES ($1, 'twice')", [22]);
        later = tx.execute("INSERT INTO thing VALUES ($1, 'after')", [23]);
      });
      await assert.rejects(work, fault("ERR_DATABASE_UNIQUE"));
      await assert.rejects(later as Promise<unknown>, fault("ERR_DATABASE_ABORTED"));
      assert.deepEqual(await single.query("SELECT id FROM thing WHERE id IN (22, 23)"), []);
    }
    assert.equal(single.load.open, 1);
  });

  test("are undone when a statement could not even be sent", async () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const work = own.database.transaction(async (tx) => {
      void tx.execute("INSERT INTO thing VALUES (24, 'half')");
      void tx.execute("INSERT INTO thing VALUES (25, $1)", [circular]);
    });
    await assert.rejects(work, TypeError);
    assert.deepEqual(await own.database.query("SELECT id FROM thing WHERE id IN (24, 25)"), []);
  });

  test("tell of what only the commit finds", async () => {
    await own.database.execute(
      "CREATE TABLE chain (id integer PRIMARY KEY, next integer REFERENCES chain DEFERRABLE INITIALLY DEFERRED)",
    );
    const work = own.database.transaction(async (tx) => void tx.execute("INSERT INTO chain VALUES ($1, $2)", [1, 2]));
    await assert.rejects(work, fault("ERR_DATABASE_FOREIGN_KEY"));
    const alone = own.database.execute("INSERT INTO chain VALUES ($1, $2)", [1, 2]);
    await assert.rejects(alone, fault("ERR_DATABASE_FOREIGN_KEY"));
    assert.deepEqual(await own.database.query("SELECT id FROM chain"), []);
  });

  test("whose connection ends before the commit are undone, and say so", async () => {
    const work = own.database.transaction(async (tx) => {
      void tx.execute("INSERT INTO thing VALUES (26, 'lost')");
      void tx.query("SELECT pg_terminate_backend(pg_backend_pid()), $1::int", [1]);
    });
    await assert.rejects(work, fault("ERR_DATABASE_UNREACHABLE"));
    assert.deepEqual(await own.database.query("SELECT id FROM thing WHERE id = 26"), []);
  });

  test("report the first failure, not its echo", async () => {
    const work = own.database.transaction(async (tx) => {
      const statements = [tx.execute("INSERT INTO nowhere VALUES (1)"), tx.query("SELECT 1")];
      await Promise.allSettled(statements);
      await tx.query("SELECT 2");
    });
    await assert.rejects(work, fault("ERR_DATABASE_STATEMENT"));
  });

  test("run again after a serialization failure", async () => {
    await own.database.execute("INSERT INTO thing VALUES (30, '0'), (31, '0')");
    const attempts = { left: 0, right: 0 };
    const bothRead = Promise.withResolvers<void>();
    let reads = 0;
    const cross = (side: "left" | "right", read: number, write: number) =>
      own.database.transaction(
        async (tx) => {
          attempts[side] += 1;
          await tx.query("SELECT name FROM thing WHERE id = $1", [read]);
          reads += 1;
          if (reads === 2) bothRead.resolve();
          await bothRead.promise;
          await tx.execute("UPDATE thing SET name = name || '1' WHERE id = $1", [write]);
        },
        { isolation: "serializable" },
      );
    await Promise.all([cross("left", 30, 31), cross("right", 31, 30)]);
    assert.equal(attempts.left + attempts.right, 3);
    assert.equal(own.database.load.waiting, 0);
  });

  test("end at their timeout", async () => {
    const slow = own.database.transaction((tx) => tx.query("SELECT pg_sleep(20)"), { timeoutMs: 100, retries: 0 });
    await assert.rejects(slow, (error: unknown) => error instanceof DatabaseFault && error.sqlState === "25P04");
  });

  test("may take longer than is usual when they say so", async () => {
    await using hasty = await openDatabase({ url: own.url, transactionTimeoutMs: 150, statementTimeoutMs: 100 });
    await assert.rejects(
      hasty.transaction((tx) => tx.query("SELECT pg_sleep(10)")),
      fault("ERR_DATABASE_TIMEOUT"),
    );
    await hasty.transaction((tx) => tx.query("SELECT pg_sleep(0.4)"), { timeoutMs: 60_000 });
  });

  test("refuse to write when they are for reading", async () => {
    const write = own.database.transaction((tx) => tx.execute("INSERT INTO thing VALUES (40, '')"), { readOnly: true });
    await assert.rejects(write, fault("ERR_DATABASE_STATEMENT"));
  });

  test("cannot be used after their end", async () => {
    const escaped = await own.database.transaction(async (tx) => tx);
    await assert.rejects(escaped.query("SELECT 1"), fault("ERR_ASSERTION"));
  });

  test("go on after an attempt that failed, without what it did", async () => {
    await own.database.execute("CREATE TABLE attempted (id integer PRIMARY KEY)");
    const faults = await own.database.transaction(async (tx) => {
      await tx.execute("INSERT INTO attempted VALUES (1)");
      const byStatement = await tx
        .attempt(async () => {
          await tx.execute("INSERT INTO attempted VALUES (2)");
          await tx.execute("INSERT INTO attempted VALUES (1)");
        })
        .catch((error: unknown) => error);
      const byCopy = await tx
        .attempt(() => tx.copyFrom("COPY attempted FROM STDIN", ["3\n1\n"]))
        .catch((error: unknown) => error);
      assert.equal(await tx.attempt(() => tx.execute("INSERT INTO attempted VALUES (4)")), 1);
      return [byStatement, byCopy];
    });
    for (const each of faults) assert.ok(isFault(each, "ERR_DATABASE_UNIQUE"), String(each));
    assert.deepEqual(await own.database.query("SELECT id FROM attempted ORDER BY id"), [{ id: 1 }, { id: 4 }]);
    const swallowed = own.database.transaction(async (tx) => {
      tx.execute("INSERT INTO attempted VALUES (1)").catch(() => undefined);
      await tx.attempt(() => tx.execute("INSERT INTO attempted VALUES (5)")).catch(() => undefined);
    });
    await assert.rejects(swallowed, fault("ERR_DATABASE_UNIQUE"));
  });

  test("are written in the binary form of COPY as they are in text", async () => {
    await own.database.execute(
      "CREATE TABLE field (n int, big int8, at timestamptz, id uuid, bytes bytea, name text, data jsonb, list text[], open tstzrange)",
    );
    const fields = new CopyFields();
    const most = 1_000;
    fields.row(9, most);
    fields.int4(-7);
    fields.int8(-9_007_199_254_740_991);
    const begun = fields.size;
    fields.instant(Date.UTC(1926, 0, 1) * 1_000 + 1);
    const instant = fields.since(begun);
    fields.uuid("019a0000-0000-7000-8000-000000000001");
    fields.hex("00ff");
    fields.text("堃");
    fields.jsonb('{"a":"堃"}');
    fields.texts(["a", null, '堃,"']);
    fields.openRange(1_700_000_000_000_001);
    fields.row(9, most);
    for (let at = 0; at < 2; at++) fields.none();
    fields.again(instant);
    fields.none();
    fields.bytes(Uint8Array.of());
    fields.ascii("a\tb");
    fields.none();
    fields.texts([]);
    fields.none();
    const rows = [COPY_BEGINNING, fields.take(), COPY_END];
    assert.equal(await own.database.copyFrom("COPY field FROM STDIN (FORMAT binary)", rows), 2);
    const nothing = { n: null, big: null, id: null, data: null, open: null };
    assert.deepEqual(await own.database.query("SELECT * FROM field ORDER BY n"), [
      {
        ...{ n: -7, big: -9_007_199_254_740_991, at: "1926-01-01T00:00:00.000001Z" },
        ...{ id: "019a0000-0000-7000-8000-000000000001", bytes: Buffer.from([0, 255]), name: "堃" },
        ...{ data: { a: "堃" }, list: ["a", null, '堃,"'], open: '["2023-11-14 22:13:20.000001+00",)' },
      },
      { ...nothing, at: "1926-01-01T00:00:00.000001Z", bytes: Buffer.from([]), name: "a\tb", list: [] },
    ]);
  });

  test("mix COPY with pipelined statements", async () => {
    await own.database.execute("CREATE TABLE bulk (id integer, name text)");
    const outcome = await own.database.transaction(async (tx) => {
      const before = tx.query("SELECT count(*) AS n FROM bulk");
      const copied = tx.copyFrom("COPY bulk FROM STDIN", ["1\t堃\n2", "\t犇\n"]);
      const later = tx.query("SELECT count(*) AS n FROM bulk");
      const chunks: Buffer[] = [];
      for await (const chunk of tx.copyTo("COPY bulk TO STDOUT")) chunks.push(chunk);
      return [await before, await copied, await later, Buffer.concat(chunks).toString()];
    });
    assert.deepEqual(outcome, [[{ n: 0 }], 2, [{ n: 2 }], "1\t堃\n2\t犇\n"]);
  });

  test("a source that breaks during COPY leaves nothing", async () => {
    async function* source() {
      yield "7\tseven\n";
      throw new Error("the file is broken");
    }
    await assert.rejects(own.database.copyFrom("COPY bulk FROM STDIN", source()), /the file is broken/);
    assert.deepEqual(await own.database.query("SELECT id FROM bulk WHERE id = 7"), []);
  });
});

describe("long reading", () => {
  test("streams rows in batches, and may stop early", async () => {
    const rows: number[] = [];
    const text = "SELECT n FROM generate_series(1, $1::int) AS n";
    for await (const { n } of own.database.stream<{ n: number }>(text, [1_000], { batchRows: 64 })) rows.push(n);
    assert.equal(rows.length, 1_000);
    for await (const { n } of own.database.stream<{ n: number }>(text, [1_000_000], { batchRows: 10 })) {
      if (n === 15) break;
    }
    assert.equal(own.database.load.open, own.database.load.idle);
  });

  test("copies out, and may stop early", async () => {
    let bytes = 0;
    for await (const chunk of own.database.copyTo("COPY (SELECT generate_series(1, 200000)) TO STDOUT"))
      bytes += chunk.length;
    assert.equal(bytes, 1_288_895);
    for await (const chunk of own.database.copyTo("COPY (SELECT generate_series(1, 200000)) TO STDOUT")) {
      assert.ok(chunk.length > 0);
      break;
    }
    assert.deepEqual(await own.database.query("SELECT 1 AS one"), [{ one: 1 }]);
  });
});

const LOCKING_SESSIONS = `SELECT count(*) AS sessions FROM pg_stat_activity
  WHERE datname = current_database() AND query LIKE 'SELECT pg_try_advisory_lock%'`;

describe("between processes", () => {
  test("notifications arrive until listening stops", async () => {
    const heard: (string | undefined)[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = await own.database.listen("bell", (payload) => {
      heard.push(payload);
      if (payload === "second") resolve();
    });
    await own.database.transaction(async (tx) => {
      await tx.query("SELECT pg_notify('bell', 'first')");
      await tx.query("SELECT pg_notify('bell', 'second')");
    });
    await promise;
    await stop();
    await own.database.query("SELECT pg_notify('bell', 'third')");
    assert.deepEqual(heard, ["first", "second"]);
  });

  test("a listener comes back after its connection was cut, and says that it may have missed something", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = await own.database.listen("cut", (payload) => {
      if (payload === undefined) resolve();
    });
    await own.database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE 'LISTEN "cut"%'`);
    await promise;
    await stop();
  });

  test("one at a time holds an advisory lock, until it ends or breaks", async () => {
    const outcome = await own.database.tryAdvisoryLock("sequencer", async (signal) => {
      const second = await own.database.tryAdvisoryLock("sequencer", async () => "never");
      assert.equal(second.held, false);
      // Who did not get the lock leaves no session; the server takes a moment to end it.
      for (let sessions = 2; sessions > 1; await sleep(10)) {
        [{ sessions }] = (await own.database.query(LOCKING_SESSIONS)) as [{ sessions: number }];
      }
      await own.database.query(`SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database
        WHERE locktype = 'advisory' AND granted AND datname = current_database()`);
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "broken";
    });
    assert.deepEqual(outcome, { held: true, value: "broken" });
    assert.deepEqual(await own.database.tryAdvisoryLock("sequencer", async () => 1), { held: true, value: 1 });
  });
});

describe("opening", () => {
  test("a server that is not there is reported", async () => {
    await assert.rejects(openDatabase({ url: "postgresql://a:b@127.0.0.1:9/none" }), fault("ERR_DATABASE_UNREACHABLE"));
  });

  test("a wrong password is refused without naming it", async () => {
    const url = new URL(own.url);
    url.password = "wrong-password";
    await assert.rejects(openDatabase({ url: url.href }), (error: unknown) => {
      assert.ok(isFault(error, "ERR_DATABASE_DENIED"));
      assert.doesNotMatch(error.message, /wrong-password/);
      return true;
    });
  });

  test("a connection that breaks under a statement is replaced", async () => {
    const cut = own.database.query("SELECT pg_terminate_backend(pg_backend_pid())");
    await assert.rejects(cut, fault("ERR_DATABASE_UNREACHABLE"));
    assert.deepEqual(await own.database.query("SELECT 1 AS one"), [{ one: 1 }]);
  });

  test("after closing, statements are refused", async () => {
    const other = await openDatabase({ url: own.url });
    await other.close();
    await other.close();
    await assert.rejects(other.query("SELECT 1"), fault("ERR_DATABASE_CLOSED"));
  });
});
