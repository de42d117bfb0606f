import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { findDifferences, type Side } from "#lib/reconciliation/find-differences";
import { WHOLE } from "#lib/reconciliation/range";
import { type Item, isSame, joined, summaryOf } from "#lib/reconciliation/summary";
import type { Database } from "../database/sql.ts";
import { testDatabase } from "../database/testing.ts";
import { namesOf } from "../registers/definition.ts";
import { beginAct, ensureResidents, REGISTER_MIGRATIONS, RESIDENTS, resident } from "../registers/register-fixture.ts";
import { beginFeed, sumUp } from "./begin-feed.ts";
import { digestOf } from "./feed.ts";
import { givePositions } from "./give-positions.ts";
import { type Changes, readChanges } from "./read-changes.ts";
import { readPage } from "./read-page.ts";
import { digestNumber, itemsAt, summariesAt, versionsNamed } from "./summaries.ts";

const AT = "2026-11-18T02:00:00.000Z";
const MIGRATIONS = [
  ...REGISTER_MIGRATIONS,
  { scope: "feeds", folder: new URL("./migrations", import.meta.url).pathname },
];

let database: Database;
let close: () => Promise<void>;
let number = 0;
let micros = Date.parse(AT) * 1_000;

before(async () => {
  const made = await testDatabase({ migrations: MIGRATIONS });
  ({ database, close } = made);
  await ensureResidents(database);
  await put("990101");
  await beginFeed(database, RESIDENTS, { at: AT, divisionAttribute: "division" });
});
after(() => close());

async function put(division: string, key?: string): Promise<string> {
  number += 1;
  micros += 1_000;
  const act = beginAct(database, micros);
  const made = await act.handle.put(
    resident({ number: `99010219900101${String(1_000 + number)}`, division, name: `王${number}` }),
    { ...(key !== undefined && { key }) },
  );
  await act.commit();
  return made;
}

async function retire(key: string): Promise<void> {
  micros += 1_000;
  const act = beginAct(database, micros);
  await act.handle.retire(key);
  await act.commit();
}

async function changes(after: number, scope = "", limit?: number): Promise<Changes> {
  const read = await readChanges(database, RESIDENTS, { after, scope, ...(limit !== undefined && { limit }) });
  assert.ok(typeof read === "object");
  return read;
}

/** What stands in the register, looked at without the feed. */
async function standing(scope = ""): Promise<readonly Item[]> {
  const rows = await database.query<{ key: string; digest: Buffer }>(
    `SELECT v.key, ${digestOf("f.salt")} AS digest FROM ${namesOf(RESIDENTS.shape).current} v, feed.feed f
      WHERE starts_with(v.data ->> 'division', $1)`,
    [scope],
  );
  return rows.map(({ key, digest }) => ({ key, digest: digestNumber(digest) }));
}

async function wholeAt(position: number, scope = "") {
  const read = await summariesAt(database, RESIDENTS, [WHOLE], { position, scope });
  assert.ok(typeof read === "object" && read[0] !== undefined);
  return read[0];
}

describe("a feed of a register", () => {
  test("begins with what stands, and sums it up", async () => {
    const position = await givePositions(database, RESIDENTS);
    assert.equal(position, 0);
    assert.deepEqual(await wholeAt(0), summaryOf(await standing()));
    assert.equal((await standing()).length, 1);
  });

  test("gives positions to what comes, changes and goes; its sums follow", async () => {
    const from = await givePositions(database, RESIDENTS);
    const one = await put("990101");
    const other = await put("990201");
    await put("990102", one);
    await retire(other);
    const position = await givePositions(database, RESIDENTS);
    assert.ok(position > from);
    const read = await changes(from);
    assert.equal(read.upTo, position);
    assert.equal(read.forgotten, 0);
    assert.deepEqual(new Set(read.added.map(({ key }) => key)), new Set([one, other]));
    assert.equal(
      read.added.find((each) => each.key === one && each.validTo === undefined)?.value["division"],
      "990102",
    );
    assert.deepEqual(read.total, summaryOf(await standing()));
    assert.deepEqual(await wholeAt(position), summaryOf(await standing()));
    assert.deepEqual(await wholeAt(position, "9902"), summaryOf(await standing("9902")));
    assert.deepEqual((await changes(position)).added, []);
  });

  test("sums up the same anew, also while changes have no position", async () => {
    await put("990103");
    const position = await givePositions(database, RESIDENTS);
    const before = await wholeAt(position);
    await put("990104");
    await sumUp(database, RESIDENTS);
    assert.deepEqual(await wholeAt(position), before);
    const next = await givePositions(database, RESIDENTS);
    assert.deepEqual(await wholeAt(next), summaryOf(await standing()));
  });

  test("misses nothing of acts that end in another order than they began", async () => {
    const from = await givePositions(database, RESIDENTS);
    micros += 1_000;
    const slow = beginAct(database, micros);
    const early = await slow.handle.put(resident({ number: "990102199001018888", division: "990101" }));
    const late = await put("990101");
    const between = await givePositions(database, RESIDENTS);
    await slow.commit();
    const position = await givePositions(database, RESIDENTS);
    assert.deepEqual(
      (await changes(from, "", between - from)).added.map(({ key }) => key),
      [late],
    );
    assert.deepEqual(
      (await changes(between)).added.map(({ key }) => key),
      [early],
    );
    assert.deepEqual(await wholeAt(position), summaryOf(await standing()));
    const then = await wholeAt(between);
    assert.deepEqual(
      joined(then, summaryOf((await standing()).filter(({ key }) => key === early))),
      await wholeAt(position),
    );
  });

  test("tells a scope what left it, and nothing of the others", async () => {
    const key = await put("990301");
    const from = await givePositions(database, RESIDENTS);
    await put("990401", key);
    await givePositions(database, RESIDENTS);
    const left = await changes(from, "9903");
    assert.equal(left.removed.length, 1);
    // What was true until then stays true there.
    assert.deepEqual(
      left.added.map((each) => each.validTo === undefined),
      [false],
    );
    const came = await changes(from, "9904");
    assert.deepEqual([came.removed.length, came.added.length], [0, 1]);
    assert.deepEqual(left.total, summaryOf(await standing("9903")));
  });

  test("gives what was replaced since from where the register keeps it", async () => {
    const from = await givePositions(database, RESIDENTS);
    const key = await put("990105");
    const between = await givePositions(database, RESIDENTS);
    await put("990106", key);
    await givePositions(database, RESIDENTS);
    const first = await changes(from, "", between - from);
    assert.deepEqual(
      first.added.map(({ value }) => value["division"]),
      ["990105"],
    );
    assert.equal(first.total, undefined);
  });

  test("pages go through everything once, versions of an entry together", async () => {
    const seen: string[] = [];
    let end: Awaited<ReturnType<typeof readPage>>["end"];
    do {
      const page = await readPage(database, RESIDENTS, { after: end, scope: "", limit: 2 });
      seen.push(...page.versions.map(({ key, digest }) => `${key} ${digestNumber(digest)}`));
      end = page.end;
    } while (end !== undefined);
    const all = (await standing()).map(({ key, digest }) => `${key} ${digest}`);
    assert.deepEqual(seen.toSorted(), all.toSorted());
  });

  test("a page with a version that is not as it was recorded is not given", async () => {
    const key = await put("990101");
    const { current } = namesOf(RESIDENTS.shape);
    const sealed = `set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1)`;
    const turn = () => database.execute(`UPDATE ${current} SET sealed = ${sealed} WHERE key = $1`, [key]);
    const page = () => readPage(database, RESIDENTS, { after: undefined, scope: "" });
    await turn();
    await assert.rejects(page, { code: "ERR_REGISTER_DAMAGED" });
    await turn();
    assert.ok((await page()).versions.some((version) => version.key === key));
  });

  test("what stood at a position is named, whatever came since", async () => {
    const position = await givePositions(database, RESIDENTS);
    const then = await standing("99");
    await put("990101");
    await put("990101", then[0]?.key);
    await givePositions(database, RESIDENTS);
    await retire(await put("990102"));
    const theirs: Side = {
      async summaries(ranges) {
        const read = await summariesAt(database, RESIDENTS, ranges, { position, scope: "" });
        assert.ok(typeof read === "object");
        return read;
      },
      async items(ranges, after) {
        const read = await itemsAt(database, RESIDENTS, ranges, { position, scope: "", after });
        assert.ok(typeof read === "object");
        return read;
      },
    };
    const page = await itemsAt(database, RESIDENTS, [WHOLE], { position, scope: "", after: undefined });
    assert.ok(typeof page === "object");
    const names = (items: readonly Item[]) => items.map(({ key, digest }) => `${key} ${digest}`).toSorted();
    assert.deepEqual(names(page.items), names(then));
    const none: Side = {
      summaries: async (ranges) => ranges.map(() => summaryOf([])),
      items: async () => ({ items: [], more: false }),
    };
    const found = await findDifferences(none, theirs, { leafBits: 12 });
    assert.deepEqual(names(found.missing), names(then));
  });

  test("says where it is not, and what it no longer keeps", async () => {
    const position = await givePositions(database, RESIDENTS);
    assert.equal(await readChanges(database, RESIDENTS, { after: position + 1, scope: "" }), "ahead");
    assert.equal(await summariesAt(database, RESIDENTS, [WHOLE], { position: position + 1, scope: "" }), "ahead");
    await database.execute("UPDATE feed.feed SET oldest = 1");
    assert.equal(await readChanges(database, RESIDENTS, { after: 0, scope: "" }), "too-old");
    await database.execute("UPDATE feed.feed SET oldest = 0");
  });

  test("names versions to whoever lacks them, as they are", async () => {
    const [item] = await standing();
    assert.ok(item);
    const { versions } = await versionsNamed(database, RESIDENTS, [item, { ...item, digest: 5n }], "");
    assert.deepEqual(
      versions.map(({ key, digest }) => [key, digestNumber(digest)]),
      [[item.key, item.digest]],
    );
    assert.ok(versions[0]?.value["address"] === "清源县中山路1号");
  });

  test("notes changes again where its register's tables were made anew", async () => {
    const from = await givePositions(database, RESIDENTS);
    await database.execute(`DROP TRIGGER feed_come ON ${namesOf(RESIDENTS.shape).current}`);
    const key = await put("990107");
    await beginFeed(database, RESIDENTS, { at: AT, divisionAttribute: "division" });
    assert.deepEqual(await wholeAt(await givePositions(database, RESIDENTS)), summaryOf(await standing()));
    await put("990108", key);
    const position = await givePositions(database, RESIDENTS);
    assert.ok(position > from);
    assert.deepEqual(await wholeAt(position), summaryOf(await standing()));
  });

  test("does not take a new envelope for a change", async () => {
    const from = await givePositions(database, RESIDENTS);
    await database.execute(`UPDATE ${namesOf(RESIDENTS.shape).open} SET sealed = sealed`);
    assert.equal(await givePositions(database, RESIDENTS), from);
    assert.ok(isSame(await wholeAt(from), summaryOf(await standing())));
  });
});
