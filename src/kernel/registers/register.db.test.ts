import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { type FaultCode, isFault } from "../errors/fault.ts";
import { act, beginAct, ensureResidents, REGISTER_MIGRATIONS, RESIDENTS, resident } from "./register-fixture.ts";

let own: TestDatabase;
before(async () => {
  own = await testDatabase({ migrations: REGISTER_MIGRATIONS });
  await ensureResidents(own.database);
});
after(() => own.close());

const fault = (code: FaultCode, attribute?: string) => (error: unknown) =>
  isFault(error, code) && (attribute === undefined || (error as { attribute?: string }).attribute === attribute);

let numbers = 0;
/** A number that no other test has. */
function fresh(): string {
  numbers += 1;
  return `9901021990${String(numbers).padStart(7, "0")}X`;
}
const DAY = (day: number) => `2026-01-${String(day).padStart(2, "0")}T00:00:00.000Z`;

describe("one entry", () => {
  test("is read as it was written, with where it comes from", async () => {
    const number = fresh();
    const begun = beginAct(own.database, DAY(5));
    const key = await begun.handle.put(resident({ number, mobile: "13800000001" }));
    await begun.commit();
    const reading = beginAct(own.database, DAY(6));
    assert.deepEqual(await reading.handle.get(key), {
      key,
      value: { ...resident({ number, mobile: "13800000001" }), status: "alive" },
      validFrom: DAY(5),
      validTo: undefined,
      recordedFrom: DAY(5),
      recordedTo: undefined,
      provenance: {
        authority: "清源县公安局",
        legalBasis: begun.act.legalBasis,
        caseId: undefined,
        actId: begun.act.id,
      },
    });
    assert.deepEqual(
      reading.noted.map(({ kind, id }) => ({ kind, id })),
      [{ kind: "person", id: key }],
    );
    assert.deepEqual([...(reading.noted[0]?.attributes ?? [])].sort(), [
      "address",
      "division",
      "mobile",
      "name",
      "number",
      "status",
    ]);
    assert.deepEqual(
      begun.noted.map((each) => each.id),
      [key],
    );
  });

  test("a key that is none, or of nothing, finds nothing and notes nobody", async () => {
    const { handle, noted } = beginAct(own.database);
    for (const key of ["", "'; DROP TABLE x", "019a0000-0000-7000-8000-000000000001"]) {
      assert.equal(await handle.get(key), undefined);
      assert.deepEqual(await handle.history(key), []);
    }
    assert.deepEqual(noted, []);
  });

  test("a value that does not fit is a fault that does not quote it", async () => {
    const wrong = resident({ number: "secret-number" });
    await assert.rejects(
      act(own.database, DAY(5), (handle) => handle.put(wrong)),
      (error) => {
        assert.ok(fault("ERR_REGISTER_VALUE")(error));
        assert.match(String(error), /number/);
        assert.doesNotMatch(String(error), /secret/);
        return true;
      },
    );
  });

  test("both times are kept: what was true when, and what we knew when", async () => {
    const number = fresh();
    const key = await act(own.database, DAY(1), (handle) => handle.put(resident({ number, address: "一号" })));
    await act(own.database, DAY(10), (handle) =>
      handle.put(resident({ number, address: "二号" }), { key, validFrom: DAY(8) }),
    );
    await act(own.database, DAY(12), (handle) =>
      handle.correct(key, resident({ number, address: "三号" }), { asOf: DAY(2) }),
    );
    await act(own.database, DAY(20), (handle) => handle.retire(key, { validTo: DAY(15) }));
    const { handle } = beginAct(own.database, DAY(30));
    const addressAt = async (asOf: string, asKnownAt?: string) =>
      (await handle.get(key, asKnownAt === undefined ? { asOf } : { asOf, asKnownAt }))?.value.address;
    assert.equal(await addressAt(DAY(9), DAY(9)), "一号", "before the move was known");
    assert.equal(await addressAt(DAY(9), DAY(10)), "二号");
    assert.equal(await addressAt(DAY(2), DAY(11)), "一号", "before the correction");
    assert.equal(await addressAt(DAY(2)), "三号");
    assert.equal(await addressAt(DAY(8)), "二号", "the first instant of a period belongs to it");
    assert.equal(await addressAt(DAY(15)), undefined, "the last one does not");
    assert.equal(await addressAt(DAY(16), DAY(19)), "二号");
    assert.equal(await handle.get(key), undefined, "it is retired now");
    const history = await handle.history(key);
    assert.deepEqual(
      history.map((each) => [each.value.address, each.validFrom, each.validTo, each.recordedFrom, each.recordedTo]),
      [
        ["一号", DAY(1), undefined, DAY(1), DAY(10)],
        ["一号", DAY(1), DAY(8), DAY(10), DAY(12)],
        ["二号", DAY(8), undefined, DAY(10), DAY(20)],
        ["三号", DAY(1), DAY(8), DAY(12), undefined],
        ["二号", DAY(8), DAY(15), DAY(20), undefined],
      ],
    );
  });

  test("what was written under a clock that was ahead is there for whoever asks after it went back", async () => {
    const number = fresh();
    const [ahead, back] = [DAY(9), DAY(7)];
    const named = (at: string) =>
      act(own.database, at, async (handle) => {
        const found = await handle.find({ number });
        const searched = await handle.search("钟前后");
        return { get: (await handle.get(key))?.value.address, found: found.items, searched: searched.items };
      });
    const value = (address: string) => resident({ name: "钟前后", number, address });
    const key = await act(own.database, ahead, (handle) => handle.put(value("甲")));
    const first = await named(back);
    assert.equal(first.get, "甲");
    assert.deepEqual([first.found.length, first.searched.length], [1, 1]);
    await act(own.database, back, (handle) => handle.correct(key, value("乙")));
    assert.equal((await named(DAY(8))).get, "乙", "and is what is corrected");
    // Replaced while the clock is ahead: the former value is not true again when it goes back.
    await act(own.database, ahead, (handle) => handle.put(value("丙"), { key }));
    const replaced = await named(back);
    assert.deepEqual([replaced.get, replaced.found.length, replaced.searched.length], ["丙", 1, 1]);
    // What is to be true from a later day on is not true before, whichever clock wrote it.
    await act(own.database, ahead, (handle) => handle.put(value("丁"), { key, validFrom: DAY(20) }));
    const waiting = await named(back);
    assert.deepEqual([waiting.get, waiting.found.length, waiting.searched.length], ["丙", 1, 1]);
    // And once it was, it stays so.
    await act(own.database, DAY(21), (handle) => handle.correct(key, value("戊")));
    const latest = await named(back);
    assert.deepEqual([latest.get, latest.found.length, latest.searched.length], ["戊", 1, 1]);
    await act(own.database, DAY(22), (handle) => handle.retire(key));
    const ended = await named(back);
    assert.deepEqual([ended.get, ended.found.length, ended.searched.length], [undefined, 0, 0]);
  });

  test("what is not there can be neither corrected nor ended", async () => {
    const key = await act(own.database, DAY(5), (handle) => handle.put(resident({ number: fresh() })));
    const wrong = resident({ number: fresh() });
    for (const work of [
      () => act(own.database, DAY(9), (handle) => handle.correct(key, wrong, { asOf: DAY(4) })),
      () =>
        act(own.database, DAY(9), async (handle) => {
          await handle.retire(key);
          await handle.retire(key);
        }),
    ])
      await assert.rejects(work(), fault("ERR_REGISTER_NO_VERSION"));
    await act(own.database, DAY(9), (handle) => handle.retire(key));
    await assert.rejects(
      act(own.database, DAY(9), (handle) => handle.retire(key)),
      fault("ERR_REGISTER_NO_VERSION"),
    );
  });

  test("several writes of one act stand in the order in which they came", async () => {
    const number = fresh();
    const key = await act(own.database, DAY(5), async (handle) => {
      const made = await handle.put(resident({ number, address: "一" }));
      await handle.put(resident({ number, address: "二" }), { key: made });
      await handle.put(resident({ number, address: "三" }), { key: made });
      return made;
    });
    const history = await beginAct(own.database, DAY(6)).handle.history(key);
    assert.deepEqual(
      history.map((each) => each.value.address),
      ["一", "二", "三"],
    );
    assert.deepEqual(
      history.map((each) => each.recordedFrom),
      [DAY(5), "2026-01-05T00:00:00.000001Z", "2026-01-05T00:00:00.000002Z"],
    );
  });

  test("what an abandoned act wrote was never there", async () => {
    const begun = beginAct(own.database, DAY(5));
    const key = await begun.handle.put(resident({ number: fresh() }));
    assert.equal((await begun.handle.get(key))?.key, key, "the act itself sees it");
    await begun.abandon();
    assert.deepEqual(await beginAct(own.database).handle.history(key), []);
  });
});

describe("unique values", () => {
  test("belong to one entry at any time", async () => {
    const number = fresh();
    const key = await act(own.database, DAY(5), (handle) => handle.put(resident({ number })));
    await assert.rejects(
      act(own.database, DAY(6), (handle) => handle.put(resident({ number }))),
      fault("ERR_REGISTER_NOT_UNIQUE", "number"),
    );
    await act(own.database, DAY(10), (handle) => handle.retire(key));
    await assert.rejects(
      act(own.database, DAY(11), (handle) => handle.put(resident({ number }), { validFrom: DAY(9) })),
      fault("ERR_REGISTER_NOT_UNIQUE", "number"),
      "it reaches back into the time of the other",
    );
    const second = await act(own.database, DAY(11), (handle) => handle.put(resident({ number })));
    await act(own.database, DAY(12), (handle) => handle.retire(second));
    await assert.rejects(
      act(own.database, DAY(13), (handle) =>
        handle
          .correct(second, resident({ number: fresh(), cardNumber: "1" }), { asOf: DAY(11) })
          .then(() => handle.put(resident({ number: fresh(), cardNumber: "1" }), { validFrom: DAY(11) })),
      ),
      fault("ERR_REGISTER_NOT_UNIQUE", "cardNumber"),
    );
  });

  test("of two ended entries do not overlap either", async () => {
    const number = fresh();
    const entry = (from: number, to: number) =>
      act(own.database, DAY(20), async (handle) => {
        const key = await handle.put(resident({ number }), { validFrom: DAY(from) });
        await handle.retire(key, { validTo: DAY(to) });
      });
    await entry(5, 9);
    await entry(9, 12);
    await assert.rejects(entry(8, 10), fault("ERR_REGISTER_NOT_UNIQUE", "number"));
  });

  test("two acts at once: one wins, the other hears why", async () => {
    const number = fresh();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => act(own.database, DAY(5), (handle) => handle.put(resident({ number })))),
    );
    assert.equal(outcomes.filter((each) => each.status === "fulfilled").length, 1);
    for (const each of outcomes) {
      if (each.status === "rejected")
        assert.ok(fault("ERR_REGISTER_NOT_UNIQUE", "number")(each.reason), String(each.reason));
    }
  });

  test("an open and an ended version written at once: one wins", async () => {
    for (let round = 0; round < 5; round++) {
      const number = fresh();
      const ended = act(own.database, DAY(5), async (handle) => {
        const key = await handle.put(resident({ number: fresh() }), { validFrom: DAY(1) });
        await handle.retire(key, { validTo: DAY(20) });
        await handle.correct(key, resident({ number }));
      });
      const open = act(own.database, DAY(5), (handle) => handle.put(resident({ number })));
      const outcomes = await Promise.allSettled([ended, open]);
      assert.equal(outcomes.filter((each) => each.status === "fulfilled").length, 1, String(round));
    }
  });
});

describe("two writers", () => {
  test("of one entry wait for each other, and lose nothing", async () => {
    const number = fresh();
    const key = await act(own.database, DAY(1), (handle) => handle.put(resident({ number, address: "0" })));
    await Promise.all(
      Array.from({ length: 10 }, () =>
        act(own.database, DAY(2), async (handle) => {
          const found = await handle.lock(key);
          await handle.put(resident({ number, address: String(Number(found?.value.address) + 1) }), { key });
        }),
      ),
    );
    const { handle } = beginAct(own.database, DAY(3));
    assert.equal((await handle.get(key))?.value.address, "10");
    assert.equal((await handle.history(key)).length, 12, "one for each write, and the first one cut off");
  });

  test("who read before another wrote is told so instead of writing over it", async () => {
    const number = fresh();
    const key = await act(own.database, DAY(1), (handle) => handle.put(resident({ number })));
    const slow = beginAct(own.database, DAY(2));
    await slow.handle.get(key);
    await act(own.database, DAY(3), (handle) => handle.put(resident({ number, address: "快" }), { key }));
    await assert.rejects(slow.handle.put(resident({ number, address: "慢" }), { key }), fault("ERR_REGISTER_CONFLICT"));
    await slow.abandon();
    assert.equal((await beginAct(own.database, DAY(4)).handle.get(key))?.value.address, "快");
  });
});

describe("finding", () => {
  test("by exact values, plain and sensitive, page by page, as of any time", async () => {
    const keys = await act(own.database, DAY(5), async (handle) => {
      const made: string[] = [];
      for (let each = 0; each < 5; each++) {
        made.push(await handle.put(resident({ number: fresh(), mobile: "13900000009", division: "990777" })));
      }
      return made.sort();
    });
    const [first = ""] = keys;
    await act(own.database, DAY(10), (handle) => handle.retire(first));
    const { handle } = beginAct(own.database, DAY(20));
    const where = { mobile: "13900000009", division: "990777" };
    const found = await handle.find(where, { limit: 3 });
    assert.deepEqual(
      found.items.map((each) => each.key),
      keys.slice(1, 4),
    );
    const rest = await handle.find(where, { limit: 3, after: found.next ?? "" });
    assert.deepEqual(
      rest.items.map((each) => each.key),
      keys.slice(4),
    );
    assert.equal(rest.next, undefined);
    assert.equal((await handle.find(where, { asOf: DAY(6) })).items.length, 5);
    assert.equal((await handle.find(where, { asKnownAt: DAY(9) })).items.length, 5, "the end was not known yet");
    assert.equal((await handle.find(where, { asKnownAt: DAY(4) })).items.length, 0);
    assert.equal((await handle.find({ mobile: "１３９０００００００９" })).items.length, 4, "full-width digits");
    assert.equal((await handle.find({ ...where, division: "990778" })).items.length, 0);
    // @ts-expect-error an attribute that the register does not have
    await assert.rejects(handle.find({ nothing: "清源县" }), fault("ERR_REGISTER_LOOKUP", "nothing"));
    await assert.rejects(handle.find({ address: "清源县" }), fault("ERR_REGISTER_LOOKUP", "address"));
  });

  test("by names: parts, surnames, rare characters, foreign ones, in dictionary order", async () => {
    const names = ["欧阳暘", "欧犇", "𬀩欧", "阿卜杜拉·欧斯曼", "Maria Ou", "欧犇喆", "犇欧阳"];
    await act(own.database, DAY(5), async (handle) => {
      for (const name of names) await handle.put(resident({ name, number: fresh() }));
    });
    const { handle } = beginAct(own.database, DAY(6));
    const found = async (input: string) => (await handle.search(input)).items.map((each) => each.value.name);
    assert.deepEqual(await found("欧"), ["阿卜杜拉·欧斯曼", "欧犇", "欧犇喆", "欧阳暘"]);
    assert.deepEqual(await found("欧阳"), ["犇欧阳", "欧阳暘"]);
    assert.deepEqual(await found("欧犇喆"), ["欧犇喆"]);
    assert.deepEqual(await found("𬀩"), ["𬀩欧"]);
    assert.deepEqual(await found("𬀩欧"), ["𬀩欧"]);
    assert.deepEqual(await found("maria"), ["Maria Ou"]);
    assert.deepEqual(await found("阿卜杜拉·欧"), ["阿卜杜拉·欧斯曼"]);
    assert.deepEqual(await found("  ·，'\\ "), []);
    assert.deepEqual(await found("o'neill\\"), []);
  });

  test("pages of a search follow each other without gap or repetition", async () => {
    await act(own.database, DAY(5), async (handle) => {
      for (let each = 0; each < 12; each++) {
        await handle.put(resident({ name: each % 3 === 0 ? "翀翀" : `翀翀${"甲乙丙丁"[each % 4]}`, number: fresh() }));
      }
    });
    const { handle } = beginAct(own.database, DAY(6));
    for (const input of ["翀", "翀翀"]) {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await handle.search(input, after === undefined ? { limit: 5 } : { limit: 5, after });
        seen.push(...page.items.map((each) => each.key));
        after = page.next;
        assert.ok(after === undefined || !after.includes("翀"));
      } while (after !== undefined);
      assert.equal(seen.length, 12, input);
      assert.equal(new Set(seen).size, 12);
    }
    assert.equal((await handle.search("翀", { limit: 5, after: "forged" })).items.length, 5);
  });
});

describe("what lies in the database", () => {
  test("has no sensitive value in any table, and tells when a row was changed", async () => {
    const secrets = ["990102194906017777", "13577778888", "清源县秘密路七十七号"];
    const [number = "", mobile = "", address = ""] = secrets;
    const key = await act(own.database, DAY(5), (handle) => handle.put(resident({ number, mobile, address })));
    await act(own.database, DAY(6), (handle) => handle.put(resident({ number, mobile, address, name: "改" }), { key }));
    const tables = await own.database.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    assert.ok(tables.length >= 5);
    let rows = 0;
    for (const { name } of tables) {
      for (const { row } of await own.database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)) {
        rows += 1;
        for (const secret of secrets) {
          const written = Buffer.from(secret, "utf8");
          for (const form of [secret, written.toString("hex"), written.toString("base64")]) {
            assert.ok(!row.includes(form), `${name} holds a sensitive value`);
          }
        }
      }
    }
    assert.ok(rows > 10);
    for (const change of [
      `data = jsonb_set(data, '{name}', '"另一人"')`,
      `authority = 'somebody else'`,
      `valid = tstzrange(lower(valid) + interval '1 hour', upper(valid))`,
      `sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)`,
    ]) {
      await assert.rejects(
        own.database.transaction(async (tx) => {
          await tx.execute(`UPDATE test_room.resident SET ${change} WHERE key = $1 AND upper_inf(valid)`, [key]);
          const rows = await tx.query<never>(RESIDENTS.statements.get, [key, DAY(7)]);
          for (const row of rows) RESIDENTS.codec.decode(row);
        }),
        fault("ERR_REGISTER_DAMAGED"),
        change,
      );
    }
  });

  test("what was superseded can be neither changed nor removed", async () => {
    for (const statement of [
      "UPDATE test_room.resident_superseded SET authority = ''",
      "DELETE FROM test_room.resident_superseded",
      "TRUNCATE test_room.resident_superseded",
    ]) {
      await assert.rejects(own.database.execute(statement), fault("ERR_DATABASE_STATEMENT"));
    }
  });
});
