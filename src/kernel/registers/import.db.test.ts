import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LONG_TRANSACTION_TIMEOUT_MS } from "../database/limits.ts";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { isFault } from "../errors/fault.ts";
import { csvHeader, readCsv, writeCsv } from "./csv.ts";
import type { ImportOptions, ImportRow, ImportRows } from "./import-entries.ts";
import { ImportFault } from "./import-fault.ts";
import { SEALING_ROWS_WITHOUT_THREADS, SEARCH_MAX_SORTED_HITS } from "./limits.ts";
import { readNdjson, writeNdjson } from "./ndjson.ts";
import { act, actAt, beginAct, ensureResidents, REGISTER_MIGRATIONS, RESIDENTS, resident } from "./register-fixture.ts";
import type { RegisterStore } from "./register-store.ts";

const AT = "2026-01-10T00:00:00.000Z";
const LATER = "2026-01-20T00:00:00.000Z";

let own: TestDatabase;
before(async () => {
  own = await testDatabase({ migrations: REGISTER_MIGRATIONS });
});
after(() => own.close());

/** An empty register for each test. */
async function emptied(): Promise<void> {
  await own.database.execute("DROP SCHEMA IF EXISTS test_room CASCADE");
  await own.database.execute("DELETE FROM register.shape");
  await ensureResidents(own.database);
}

const number = (at: number) => `9901021990${String(at).padStart(7, "0")}X`;

function* residents(from: number, to: number): Generator<ImportRow> {
  for (let at = from; at < to; at++) {
    yield { value: resident({ number: number(at), name: `王${"甲乙丙丁"[at % 4]}${at % 7}`, mobile: `138${at}` }) };
  }
}

function bring(rows: ImportRows, options: ImportOptions = {}, at = AT) {
  const store: RegisterStore = RESIDENTS;
  return own.database.transaction(
    (tx) => store.importEntries({ tx, act: actAt(at), authority: "清源县公安局" }, rows, options),
    { retries: 0, timeoutMs: LONG_TRANSACTION_TIMEOUT_MS },
  );
}

async function count(): Promise<number> {
  const [row] = await own.database.query<{ n: number }>("SELECT count(*) AS n FROM test_room.resident");
  return row?.n ?? 0;
}

async function exported(): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of RESIDENTS.exportEntries(own.database, { asOf: LATER })) lines.push(writeNdjson(entry));
  return lines;
}

const bytes = (text: string) => [Buffer.from(text, "utf8")];

function problems(expected: readonly string[]) {
  return (error: unknown) => {
    assert.ok(error instanceof ImportFault, String(error));
    assert.deepEqual(
      error.problems.map((each) => `${each.line} ${each.path} ${each.problem}`),
      expected,
    );
    return true;
  };
}

describe("an import into an empty register", () => {
  test("brings what can be read, found and searched, and tells its subjects in order", async () => {
    await emptied();
    const subjects: string[] = [];
    const many = SEALING_ROWS_WITHOUT_THREADS + 3_000;
    assert.deepEqual(await bring(residents(0, many), { subject: (id) => subjects.push(id) }), {
      imported: many,
      skipped: 0,
      skippedLines: [],
    });
    assert.equal(subjects.length, many);
    const { handle } = beginAct(own.database, LATER);
    const found = (await handle.find({ number: number(1_234) })).items[0];
    assert.equal(found?.key, subjects[1_234]);
    const sealedInThread = (await handle.find({ number: number(many - 1) })).items[0];
    assert.equal(sealedInThread?.key, subjects[many - 1]);
    assert.equal(sealedInThread?.value.mobile, `138${many - 1}`);
    assert.equal(found?.validFrom, AT);
    assert.equal(found?.provenance.authority, "清源县公安局");
    assert.equal((await handle.search("王甲", { limit: 200 })).items.length, 200);
    assert.equal((await handle.search("王乙3")).items.length > 0, true);
    for await (const damaged of RESIDENTS.damagedVersions(own.database)) assert.fail(damaged.key);
    await assert.rejects(
      act(own.database, LATER, (writing) => writing.put(resident({ number: number(7) }))),
      (error) => isFault(error, "ERR_REGISTER_NOT_UNIQUE"),
      "the indexes are back",
    );
    await act(own.database, LATER, (writing) => writing.retire(subjects[7] ?? ""));
  });

  test("refuses faulty and repeated lines by number, and keeps nothing of the rest", async () => {
    await emptied();
    const rows: ImportRow[] = [...residents(0, 6)];
    rows[2] = { value: { ...resident(), number: "12", name: "" } };
    rows[4] = { value: resident({ number: number(4) }), key: "1", validFrom: "yesterday" };
    await assert.rejects(
      bring(rows),
      problems(["3 name too_small", "3 number invalid_format", "5 key no uuid", "5 validFrom no instant"]),
    );
    const twice = [...residents(0, 5), ...residents(3, 6)].map((row, at) => ({ ...row, line: at + 2 }));
    await assert.rejects(bring(twice), problems(["7 number duplicate", "8 number duplicate"]));
    assert.equal(await count(), 0);
    await bring(residents(0, 5));
    assert.equal(await count(), 5);
  });
});

test("a word that very many names have is walked in the order of the names", async () => {
  await emptied();
  const many = SEARCH_MAX_SORTED_HITS + 50;
  function* common(): Generator<ImportRow> {
    for (let at = 0; at < many; at++) {
      yield {
        value: resident({ number: number(at), name: `${"赵钱孙李"[at % 4]}中华${at % 1_000 === 0 ? "堃" : ""}` }),
      };
    }
  }
  await bring(common());
  const { handle } = beginAct(own.database, LATER);
  const seen: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 3; page++) {
    const found = await handle.search("中华", after === undefined ? { limit: 30 } : { limit: 30, after });
    seen.push(...found.items.map((each) => each.key));
    assert.ok(
      found.items.every((each) => each.value.name === "李中华"),
      "the first in dictionary order",
    );
    after = found.next;
  }
  assert.equal(new Set(seen).size, 90);
  const rare = await handle.search("中华堃", { limit: 200 });
  assert.equal(rare.items.length, Math.ceil(many / 1_000));
});

describe("an import into a live register", () => {
  test("finds what is there already, by line", async () => {
    await emptied();
    await act(own.database, AT, (handle) => handle.put(resident({ number: number(3) })));
    await assert.rejects(bring(residents(0, 6)), problems(["4 number duplicate"]));
    assert.equal(await count(), 1);
    const subjects: string[] = [];
    assert.deepEqual(
      await bring([...residents(0, 6), ...residents(1, 3)], {
        duplicates: "skip",
        subject: (id) => subjects.push(id),
      }),
      { imported: 5, skipped: 3, skippedLines: [4, 7, 8] },
    );
    assert.equal(subjects.length, 5);
    assert.equal(await count(), 6);
  });

  test("looks at every unique attribute and at given keys, and only rows that stay take a value", async () => {
    await emptied();
    const [known, free] = ["019a0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-000000000002"];
    await act(own.database, AT, (handle) =>
      handle.put(resident({ number: number(1), cardNumber: "c1" }), { key: known }),
    );
    const rows = [
      { value: resident({ number: number(1), cardNumber: "c2" }) },
      { value: resident({ number: number(2), cardNumber: "c2" }) },
      { value: resident({ number: number(3) }), key: known },
      { value: resident({ number: number(3) }), key: free },
      { value: resident({ number: number(4), cardNumber: "c1" }) },
      { value: resident({ number: number(5), cardNumber: "c2" }) },
      { value: resident({ number: number(6) }), key: free },
      { value: resident({ number: number(7) }) },
    ];
    await assert.rejects(
      bring(rows),
      problems([
        "1 number duplicate",
        "3 key duplicate",
        "5 cardNumber duplicate",
        "6 cardNumber duplicate",
        "7 key duplicate",
      ]),
    );
    const report = await bring(rows, { duplicates: "skip" });
    assert.deepEqual(report, { imported: 3, skipped: 5, skippedLines: [1, 3, 5, 6, 7] });
    const { handle } = beginAct(own.database, LATER);
    assert.equal((await handle.get(free))?.value.number, number(3));
    assert.equal((await handle.find({ cardNumber: "c2" })).items[0]?.value.number, number(2));
    for await (const damaged of RESIDENTS.damagedVersions(own.database)) assert.fail(damaged.key);
  });

  test("is looked at anew when another writer was faster than it", async () => {
    await emptied();
    await act(own.database, AT, (handle) => handle.put(resident({ number: number(9_999) })));
    // Written, but not visible yet: the import does not see it when it looks, and waits for it at the index.
    const faster = beginAct(own.database, AT);
    await faster.handle.put(resident({ number: number(5) }));
    const importing = bring(residents(0, 10), { duplicates: "skip" });
    const waiting = async () => {
      const [row] = await own.database.query<{ waits: boolean }>(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid') AS waits",
      );
      return row?.waits === true;
    };
    while (!(await waiting()));
    await faster.commit();
    assert.deepEqual(await importing, { imported: 9, skipped: 1, skippedLines: [6] });
    assert.equal(await count(), 11);
  });

  test("finds a number that was another's at that time", async () => {
    await emptied();
    await act(own.database, AT, async (handle) => {
      const key = await handle.put(resident({ number: number(1) }));
      await handle.retire(key, { validTo: "2026-01-15T00:00:00Z" });
    });
    await assert.rejects(bring(residents(0, 3)), problems(["2 number duplicate"]));
    assert.equal((await bring(residents(0, 3), {}, LATER)).imported, 3);
  });

  test("while others write: whoever comes second hears it, and no number is there twice", async () => {
    await emptied();
    await act(own.database, AT, (handle) => handle.put(resident({ number: number(9_999) })));
    const writers = Array.from({ length: 20 }, (_, at) =>
      act(own.database, AT, (handle) => handle.put(resident({ number: number(at * 100) }))).then(
        () => true,
        (error) => {
          assert.ok(isFault(error, "ERR_REGISTER_NOT_UNIQUE"), String(error));
          return false;
        },
      ),
    );
    const [report, ...wrote] = await Promise.all([bring(residents(0, 2_000), { duplicates: "skip" }), ...writers]);
    assert.equal(report.imported + wrote.filter(Boolean).length, 2_000);
    assert.equal(await count(), 2_001);
  });
});

describe("formats", () => {
  test("what is exported can be imported again, in both formats", async () => {
    await emptied();
    await bring([
      ...residents(0, 20),
      {
        value: resident({ number: number(50), name: '引"号,逗号', address: "两\n行" }),
        validFrom: "2020-01-01T00:00:00Z",
      },
    ]);
    const subjects: string[] = [];
    const entries = [];
    for await (const entry of RESIDENTS.exportEntries(own.database, {
      asOf: LATER,
      subject: (id) => subjects.push(id),
    })) {
      entries.push(entry);
    }
    assert.equal(entries.length, 21);
    assert.deepEqual(subjects, entries.map((each) => each.key).sort());
    const first = await exported();
    const csv = csvHeader(RESIDENTS.shape) + entries.map((each) => writeCsv(each, RESIDENTS.shape)).join("");
    const sameButAct = (lines: readonly string[]) => lines.map((line) => line.replace(/"_act":"[^"]*",/, ""));
    for (const rows of [readNdjson(bytes(first.join(""))), readCsv(bytes(`\ufeff${csv}`), RESIDENTS.shape)]) {
      await emptied();
      await bring(rows);
      assert.deepEqual(sameButAct(await exported()), sameButAct(first));
    }
  });

  test("every malformed file is refused by line, and nothing of it is kept", async () => {
    await emptied();
    const good = JSON.stringify(resident({ number: number(1) }));
    const ndjson = (text: string) => readNdjson(bytes(text));
    const csv = (text: string) => readCsv(bytes(text), RESIDENTS.shape);
    for (const [rows, expected] of [
      [ndjson(`${good}\n\n{"name":`), "3  not JSON"],
      [ndjson(`${good}\n[1]\n`), "2  no JSON object"],
      [ndjson(`${good}\n{"_unknown":1}`), "2  unknown member _unknown"],
      [ndjson(`{"_validTo":"2020-01-01T00:00:00Z"}`), "1  an ended entry"],
      [ndjson("x".repeat(1_000_001)), "1  too long"],
      [readNdjson([Buffer.from([0x7b, 0xff, 0xfe])]), "1  not UTF-8"],
      [
        ndjson(`${good}\n${JSON.stringify(resident({ number: number(2), address: "机密★10年" }))}`),
        "2 address marked as a state secret",
      ],
      [csv("name,nothing\n"), "1  unknown column nothing"],
      [csv("name,name\n"), "1  a column occurs twice"],
      [csv("name,number\na,b,c\n"), "2  3 fields instead of 2"],
      [csv('name,number\n"a,b\n'), "2  a quote is not closed"],
      [csv('name,number\n"a"b,c\n'), "2  text after a closing quote"],
      [csv('name,number\na"b,c\n'), "2  a quote within a field"],
    ] as const) {
      await assert.rejects(bring(rows), problems([expected]), expected);
    }
    assert.equal(await count(), 0);
  });
});
