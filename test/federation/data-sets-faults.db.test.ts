import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { sumUp } from "#kernel/feeds/begin-feed";
import { namesOf } from "#kernel/registers/definition";
import { datasets, PUBLISH, RECEIVE } from "../../src/infrastructure/datasets/contract.ts";
import {
  agree,
  bothSides,
  bring,
  type DataSetNodes,
  dataSetNodes,
  official,
  resident,
  tend,
  upgrade,
  write,
} from "../harness/data-set-nodes.ts";

/** More than two pages. */
const RESIDENTS = 4_500;

describe("a copy while its source changes and the way between breaks", () => {
  let nodes: DataSetNodes;
  let copy = 0;
  let keys: readonly string[] = [];
  before(async () => {
    nodes = await dataSetNodes();
    keys = await bring(nodes, RESIDENTS);
    copy = await agree(nodes);
  });
  after(() => nodes.close());

  const same = async (scope = "") => {
    const { there, here } = await bothSides(nodes, copy, scope);
    assert.deepEqual([...new Set(there).symmetricDifference(new Set(here))], []);
  };
  const view = async () => {
    const listed = await nodes.receiver.as(datasets, official(RECEIVE)).listCopies({});
    assert.ok(!isRefusal(listed));
    const found = listed.items.find(({ id }) => id === copy);
    assert.ok(found);
    return found;
  };
  const change = async (at: number) => {
    await write(nodes, (handle) => handle.put(resident(), { key: keys[(at * 997) % keys.length] ?? "" }));
    await write(nodes, (handle) => handle.correct(keys[(at * 499) % keys.length] ?? "", resident()));
    await write(nodes, (handle) => handle.put(resident()));
    await write(nodes, (handle) => handle.retire(keys[4_000 + at] ?? ""));
  };

  test("is whole in the end, though every page is of another moment and answers are lost", async () => {
    let calls = 0;
    nodes.wire.between = (_, answer) => {
      calls += 1;
      // The source did its part, and the answer was lost: it is asked for again.
      if (calls % 3 === 2) throw new Error("the connection broke");
      return answer;
    };
    for (let at = 0; (await view()).state !== "current"; at++) {
      assert.ok(at < 60);
      await change(at);
      await tend(nodes, copy, 1).catch(() => undefined);
    }
    nodes.wire.between = undefined;
    assert.equal(await tend(nodes, copy), undefined);
    await same();
    assert.deepEqual((await view()).reconciled, { missing: 0, surplus: 0 });
    assert.equal((await view()).conflicts, 0);
  });

  test("takes no answer twice, and none of another stretch", async () => {
    const answers: unknown[] = [];
    nodes.wire.between = (operation, answer) => {
      if (operation === "fetchChanges") answers.push(answer);
      return answer;
    };
    await change(41);
    await tend(nodes, copy);
    await same();
    const [old] = answers;
    nodes.wire.between = (operation, answer) => (operation === "fetchChanges" ? old : answer);
    await change(42);
    await assert.rejects(tend(nodes, copy), { code: "ERR_DATASETS_PARCEL" });
    nodes.wire.between = undefined;
    await tend(nodes, copy);
    await same();
  });

  test("takes nothing that was changed on its way, is for somebody else, or has another form", async () => {
    await change(43);
    const before = await bothSides(nodes, copy);
    for (const twist of [
      (answer: object) => ({ ...answer, parcel: "AAAA" }),
      (answer: { parcel?: string }) => ({
        ...answer,
        parcel: `${answer.parcel?.slice(0, 200)}B${answer.parcel?.slice(201)}`,
      }),
      (answer: object) => ({ ...answer, upTo: -1 }),
      (answer: object) => ({ ...answer, removed: [{ key: "x", digest: "y" }] }),
      () => null,
      () => ({ parcel: "A".repeat(40_000_000) }),
    ]) {
      nodes.wire.between = (operation, answer) => (operation === "fetchChanges" ? twist(answer as object) : answer);
      await assert.rejects(tend(nodes, copy), { code: "ERR_DATASETS_PARCEL" });
    }
    nodes.wire.between = undefined;
    assert.deepEqual((await bothSides(nodes, copy)).here, before.here);
    await tend(nodes, copy);
    await same();
  });

  test("notices at once when a change did not come through, and mends it", async () => {
    await change(44);
    nodes.wire.between = (operation, answer) =>
      operation === "fetchChanges" ? { ...(answer as object), removed: [] } : answer;
    await tend(nodes, copy, 1);
    nodes.wire.between = undefined;
    await tend(nodes, copy);
    await same();
  });

  test("goes on after its source was restored from a backup", async () => {
    const { database } = nodes.source.kernel;
    const key = await write(nodes, (handle) => handle.put(resident()));
    await tend(nodes, copy);
    // The source is as it was before that write.
    const { open } = namesOf(nodes.store.shape);
    await database.transaction(async (tx) => {
      await tx.script(`ALTER TABLE ${open} DISABLE TRIGGER USER`);
      await tx.execute(`DELETE FROM ${open} WHERE key = $1`, [key]);
      await tx.script(`ALTER TABLE ${open} ENABLE TRIGGER USER`);
      await tx.execute("DELETE FROM feed.change WHERE position = (SELECT position FROM feed.feed)");
      await tx.execute("UPDATE feed.feed SET position = position - 1");
    });
    await sumUp(database, nodes.store);
    await tend(nodes, copy);
    await same();
    assert.deepEqual((await view()).reconciled, { missing: 0, surplus: 1 });
    // And where it has gone on meanwhile, up to the same position and beyond.
    await change(45);
    await tend(nodes, copy);
    await same();
  });

  test("goes on where the source no longer keeps what changed", async () => {
    await change(46);
    await change(47);
    await nodes.source.kernel.database.execute("UPDATE feed.feed SET oldest = position");
    await change(48);
    await tend(nodes, copy);
    await same();
    assert.equal((await view()).state, "current");
  });

  test("sums that are wrong are told apart from a copy that is wrong", async () => {
    await nodes.source.kernel.database.execute(
      "UPDATE feed.leaf SET a = a # 1 WHERE leaf = (SELECT min(leaf) FROM feed.leaf)",
    );
    await nodes.receiver.as(datasets, official(RECEIVE)).reconcileCopy({ id: copy });
    assert.equal(await tend(nodes, copy), "theirs-inconsistent");
    assert.equal((await view()).reconciled?.problem, "theirs-inconsistent");
    await same();
    await sumUp(nodes.source.kernel.database, nodes.store);
    assert.equal(await tend(nodes, copy), undefined);
    await nodes.receiver.kernel.database.execute(
      "UPDATE datasets.leaf SET b = b # 1 WHERE leaf = (SELECT min(leaf) FROM datasets.leaf)",
    );
    await nodes.receiver.as(datasets, official(RECEIVE)).reconcileCopy({ id: copy });
    assert.equal(await tend(nodes, copy), undefined);
    assert.deepEqual((await view()).reconciled, { missing: 0, surplus: 0 });
    await same();
  });

  test("follows an attribute that was added, and stops at another major version", async () => {
    await upgrade(nodes, "1.1");
    await change(49);
    assert.equal(await tend(nodes, copy), undefined);
    await same();
    await upgrade(nodes, "2.0");
    await change(50);
    assert.equal(await tend(nodes, copy), "major");
    const { state, trouble } = await view();
    assert.deepEqual([state, trouble], ["stopped", "major"]);
    await upgrade(nodes, "1.1");
    await nodes.receiver.as(datasets, official(RECEIVE)).reconcileCopy({ id: copy });
    assert.equal(await tend(nodes, copy), undefined);
    await same();
  });

  test("begins anew where the source did", async () => {
    const { database } = nodes.source.kernel;
    await database.execute("UPDATE feed.feed SET epoch = gen_random_uuid(), salt = substr(sha256('other'), 1, 16)");
    await sumUp(database, nodes.store);
    assert.equal(await tend(nodes, copy), undefined);
    assert.equal((await view()).state, "current");
    await same();
  });

  test("is not looked into by whoever has no such duty", async () => {
    const answer = await nodes.receiver.as(datasets, official(PUBLISH)).listCopies({});
    assert.ok(isRefusal(answer) && answer.code === "denied");
  });
});

describe("a copy of some divisions", () => {
  let nodes: DataSetNodes;
  let copy = 0;
  before(async () => {
    nodes = await dataSetNodes();
    await bring(nodes, 50);
    copy = await agree(nodes, { division: "9902", attributes: ["name", "division"] });
  });
  after(() => nodes.close());

  test("has those that are there, loses what moves away, and gets what comes", async () => {
    const inside = await write(nodes, (handle) => handle.put(resident({ division: "990201" })));
    const outside = await write(nodes, (handle) => handle.put(resident({ division: "990301" })));
    await tend(nodes, copy);
    const { there, here } = await bothSides(nodes, copy, "9902");
    assert.deepEqual([here, here.length], [there, 1]);
    await write(nodes, (handle) => handle.correct(inside, resident({ division: "990302" })));
    await write(nodes, (handle) => handle.correct(outside, resident({ division: "990202" })));
    await tend(nodes, copy);
    const after = await bothSides(nodes, copy, "9902");
    assert.deepEqual([after.here, after.here.length], [after.there, 1]);
    assert.ok(after.here[0]?.startsWith(outside));
  });

  test("gets the attributes that were agreed on, and no other", async () => {
    const rows = await nodes.receiver.kernel.database.query<{ data: object }>("SELECT data FROM datasets.version");
    assert.ok(rows.length > 0);
    for (const { data } of rows) assert.deepEqual(Object.keys(data).sort(), ["division", "name"]);
  });
});
