import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { datasets, PUBLISH, RECEIVE } from "../../src/infrastructure/datasets/contract.ts";
import { tendDatasets } from "../../src/infrastructure/datasets/tending.ts";
import {
  agree,
  BASIS,
  bothSides,
  type DataSetNodes,
  dataSetNodes,
  official,
  REGISTER,
  resident,
  tend,
  write,
} from "../harness/data-set-nodes.ts";

describe("a copy of another node's register", () => {
  let nodes: DataSetNodes;
  let copy = 0;
  const keys: string[] = [];
  before(async () => {
    nodes = await dataSetNodes();
    for (let each = 0; each < 5; each++) keys.push(await write(nodes, (handle) => handle.put(resident())));
    copy = await agree(nodes);
  });
  after(() => nodes.close());

  const same = async (scope = "") => {
    const { there, here } = await bothSides(nodes, copy, scope);
    assert.deepEqual(here, there);
  };
  const view = async () => {
    const listed = await nodes.receiver.as(datasets, official(RECEIVE)).listCopies({});
    assert.ok(!isRefusal(listed));
    const found = listed.items.find(({ id }) => id === copy);
    assert.ok(found);
    return found;
  };

  test("is filled with what stands, and says whose it is", async () => {
    assert.equal(await tend(nodes, copy), undefined);
    await same();
    const { state, entries, steward, behind } = await view();
    assert.deepEqual([state, entries, behind, steward?.zh], ["current", 5, 0, "清源县公安局"]);
  });

  test("follows what comes, changes and goes", async () => {
    keys.push(await write(nodes, (handle) => handle.put(resident())));
    await write(nodes, (handle) => handle.put(resident({ note: "迁入" }), { key: keys[0] ?? "" }));
    await write(nodes, (handle) => handle.correct(keys[1] ?? "", resident({ note: "更正" })));
    await write(nodes, (handle) => handle.retire(keys[2] ?? ""));
    assert.equal(await tend(nodes, copy), undefined);
    await same();
    assert.equal((await view()).trouble, undefined);
  });

  test("takes nothing that is marked as a state secret, says so once, and goes on when it is gone", async () => {
    const before = (await view()).entries;
    const key = await write(nodes, (handle) => handle.put(resident({ note: "机密★10年" })));
    assert.equal(await tend(nodes, copy), "marked");
    assert.equal(await tend(nodes, copy), "marked");
    const { trouble, entries } = await view();
    assert.deepEqual([trouble, entries], ["marked", before]);
    const { records } = await nodes.receiver.kernel.ledger.byKind("refused");
    const told = records.filter(({ leaf }) => leaf.operation === "copy-marked");
    assert.deepEqual(
      told.map(({ content }) => content?.detail),
      [{ register: REGISTER, node: "county" }],
    );
    await write(nodes, (handle) => handle.correct(key, resident({ note: "更正" })));
    assert.equal(await tend(nodes, copy), undefined);
    await same();
    assert.equal((await view()).trouble, undefined);
  });

  test("is found by key and by what is sensitive, with its steward", async () => {
    const number = `99010219${"7".repeat(9)}X`;
    const key = await write(nodes, (handle) => handle.put(resident({ number, name: "张三" })));
    await tend(nodes, copy);
    const door = nodes.receiver.as(datasets, official(RECEIVE), { purpose: "register-keeping", legalBasis: BASIS });
    const found = await door.lookUp({ id: copy, by: { attribute: "number", value: number } });
    assert.ok(!isRefusal(found));
    assert.deepEqual(
      found.entries.map((each) => [each.key, each.value["name"], each.value["number"], each.authority]),
      [[key, "张三", number, "清源县公安局"]],
    );
    assert.deepEqual([found.node, found.steward.zh], ["county", "清源县公安局"]);
    const byKey = await door.lookUp({ id: copy, by: { key } });
    assert.ok(!isRefusal(byKey) && byKey.entries.length === 1);
    const byAddress = await door.lookUp({ id: copy, by: { attribute: "address", value: "清源县" } });
    assert.ok(isRefusal(byAddress) && byAddress.code === "not-found-by");
  });

  test("holds nothing sensitive in clear, and is written by nobody else", async () => {
    const { database } = nodes.receiver.kernel;
    const [row] = await database.query<{ text: string }>(
      "SELECT string_agg(v::text, ' ') AS text FROM datasets.version v WHERE copy = $1",
      [copy],
    );
    assert.ok(row?.text.includes("张三") === true);
    assert.ok(!row.text.includes("中山路") && !row.text.includes("7".repeat(9)));
    for (const statement of [
      `DELETE FROM datasets.copy_${copy}`,
      `UPDATE datasets.copy_${copy} SET data = '{}'`,
      `TRUNCATE datasets.copy_${copy}`,
      "DELETE FROM datasets.version",
      "UPDATE datasets.version SET digest = digest",
    ]) {
      await assert.rejects(database.execute(statement), { sqlState: "23001" }, statement);
    }
  });

  test("one version that differs is found and brought back", async () => {
    const { database } = nodes.receiver.kernel;
    await database.transaction(async (tx) => {
      await tx.query("SELECT set_config('datasets.receiving', 'on', true)");
      await tx.execute(`DELETE FROM datasets.copy_${copy} WHERE key = $1`, [keys[3]]);
    });
    await nodes.receiver.as(datasets, official(RECEIVE)).reconcileCopy({ id: copy });
    assert.equal(await tend(nodes, copy), undefined);
    await same();
    assert.deepEqual((await view()).reconciled, { missing: 1, surplus: 0 });
  });

  test("what was changed behind its back is found by opening each version", async () => {
    const { database } = nodes.receiver.kernel;
    await database.transaction(async (tx) => {
      await tx.query("SELECT set_config('datasets.receiving', 'on', true)");
      await tx.execute(`UPDATE datasets.copy_${copy} SET data = data || '{"name": "假名"}' WHERE key = $1`, [keys[3]]);
    });
    const door = nodes.receiver.as(datasets, official(RECEIVE), { purpose: "register-keeping", legalBasis: BASIS });
    await assert.rejects(door.lookUp({ id: copy, by: { key: keys[3] ?? "" } }), { code: "ERR_DATASETS_DAMAGED" });
    await nodes.receiver.as(datasets, official(RECEIVE)).reconcileCopy({ id: copy, thorough: true });
    assert.equal(await tend(nodes, copy), undefined);
    const found = await door.lookUp({ id: copy, by: { key: keys[3] ?? "" } });
    assert.ok(!isRefusal(found) && found.entries[0]?.value["name"] !== "假名");
    assert.deepEqual((await view()).reconciled, { missing: 1, surplus: 0 });
  });

  test("both ledgers tell whom it concerned", async () => {
    for (const [node, type] of [
      [nodes.source, "export"],
      [nodes.receiver, "import"],
    ] as const) {
      const [row] = await node.kernel.database.query<{ entries: number }>(
        "SELECT count(*) AS entries FROM ledger.entry WHERE convert_from(leaf, 'UTF8')::jsonb ->> 'type' = $1",
        [type],
      );
      assert.ok(row && row.entries > 0, type);
    }
  });

  test("is not given without an agreement, on another basis, or when it ended", async () => {
    const { source } = nodes;
    const ask = (about: object) =>
      source.kernel.perform(
        {
          ...source.act({ kind: "node", room: "datasets" }, { purpose: "register-keeping", legalBasis: BASIS }),
          origin: { node: "province" },
          ...about,
        },
        { room: "datasets", operation: "describe", input: { register: REGISTER } },
      );
    assert.ok(!isRefusal(await ask({})));
    for (const about of [{ origin: { node: "other" } }, { legalBasis: [] }, { origin: undefined }]) {
      const answer = await ask(about);
      assert.ok(isRefusal(answer) && answer.code === "not-agreed");
    }
    await source.as(datasets, official(PUBLISH)).endOffer({ register: REGISTER, node: "province" });
    assert.equal(await tend(nodes, copy), "not-agreed");
    assert.equal((await view()).trouble, "not-agreed");
  });

  test("is left alone longer and longer while something is in the way", async () => {
    const { receiver, wire } = nodes;
    const calls = async (at: string) => {
      receiver.setNow(at);
      const before = wire.calls;
      await tendDatasets(receiver.kernel, (fault) => assert.fail(fault as Error));
      return wire.calls - before;
    };
    assert.ok((await calls("2026-11-18T02:00:01.000Z")) > 0);
    assert.equal(await calls("2026-11-18T02:00:03.000Z"), 0);
    assert.ok((await calls("2026-11-18T02:00:07.000Z")) > 0);
    assert.equal(await calls("2026-11-18T02:00:16.000Z"), 0);
    assert.ok((await calls("2026-11-18T02:00:18.000Z")) > 0);
    await receiver.as(datasets, official(RECEIVE)).reconcileCopy({ id: copy });
    assert.ok((await calls("2026-11-18T02:00:19.000Z")) > 0);
  });

  test("is erased when it ends", async () => {
    await nodes.receiver.as(datasets, official(RECEIVE)).endCopy({ id: copy });
    const [row] = await nodes.receiver.kernel.database.query<{ rows: number }>(
      "SELECT count(*) AS rows FROM datasets.version",
    );
    assert.equal(row?.rows, 0);
  });
});
