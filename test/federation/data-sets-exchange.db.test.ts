import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { datasets, PUBLISH, RECEIVE } from "../../src/infrastructure/datasets/contract.ts";
import {
  agree,
  BASIS,
  bothSides,
  bring,
  type DataSetNodes,
  dataSetNodesOverExchange,
  official,
  REGISTER,
  resident,
  tend,
  write,
} from "../harness/data-set-nodes.ts";

/** More than one page, so that the limits of an answer are met. */
const RESIDENTS = 9_000;

describe("a copy over the exchange", () => {
  let nodes: DataSetNodes;
  let copy = 0;
  before(async () => {
    nodes = await dataSetNodesOverExchange();
    await bring(nodes, RESIDENTS);
    copy = await agree(nodes);
  });
  after(() => nodes.close());

  const same = async () => {
    const { there, here } = await bothSides(nodes, copy);
    assert.deepEqual([...new Set(there).symmetricDifference(new Set(here))], []);
    return here.length;
  };

  test("is filled and follows, with long texts that make several answers of one page", async () => {
    for (let each = 0; each < 10; each++) {
      await write(nodes, (handle) => handle.put(resident({ address: "清".repeat(200), note: "源".repeat(200) })));
    }
    assert.equal(await tend(nodes, copy), undefined);
    assert.equal(await same(), RESIDENTS + 10);
    await write(nodes, (handle) => handle.put(resident()));
    assert.equal(await tend(nodes, copy), undefined);
    assert.equal(await same(), RESIDENTS + 11);
  });

  test("is refused to a node that no agreement names, whatever it says", async () => {
    await nodes.source.as(datasets, official(PUBLISH)).endOffer({ register: REGISTER, node: "province" });
    assert.equal(await tend(nodes, copy), "not-agreed");
    const elsewhere = nodes.receiver.kernel.elsewhere;
    const act = nodes.receiver.act(
      { kind: "node", room: "datasets" },
      { purpose: "register-keeping", legalBasis: BASIS },
    );
    for (const operation of ["listPublications", "lookUp"]) {
      const answer = await elsewhere?.transport.carry("county", act, {
        ...{ room: "datasets", operation },
        input: operation === "lookUp" ? { id: 1, by: { key: nodes.receiver.kernel.newId() } } : {},
      });
      assert.ok(isRefusal(answer), operation);
    }
    const listed = await nodes.receiver.as(datasets, official(RECEIVE)).listCopies({});
    assert.ok(!isRefusal(listed) && listed.items[0]?.trouble === "not-agreed");
  });
});
