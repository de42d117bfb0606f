/** Logs are one node's each, and of two nodes of one division each speaks for itself. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import { generateEd25519 } from "#kernel/random";
import { noticeText } from "#lib/directory/joining";
import { formatSuccession } from "#lib/merkle/succession";
import { askToLeave, sendJoining } from "../../src/node/network/membership.ts";
import { answered, refused } from "../rooms/answers.ts";
import { type DirectoryTestNode, describing, directoryNode, joins } from "../rooms/directory-nodes.ts";

let centre: DirectoryTestNode;
let county: DirectoryTestNode;
before(async () => {
  [centre, county] = [await directoryNode(), await directoryNode()];
  await centre.found("centre", []);
  await centre.nodes.round();
  await joins(county, describing(county, "qingyuan", "990101"), centre);
});
after(() => Promise.all([centre, county].map((node) => node.close())));

describe("a log", () => {
  const nameOf = (node: DirectoryTestNode) => node.kernel.ledger.origin;
  /** As the node above answers: the request, or the words of its refusal. */
  async function asks(node: DirectoryTestNode, code: string, division: string, above: DirectoryTestNode) {
    try {
      return await sendJoining(node.place, describing(node, code, division), above.site);
    } catch (error) {
      return String(error);
    }
  }

  test("is one node's: who claims the name of another's is not let in, and is told whose it is", async () => {
    const thief = await directoryNode(nameOf(county));
    try {
      const said = await asks(thief, "thief", "990103", centre);
      assert.match(said as string, /qingyuan/);
      assert.ok((said as string).includes(nameOf(county)));
      assert.deepEqual(
        answered(await centre.first.listJoinings({})).items.filter(({ node }) => node === "thief"),
        [],
      );
    } finally {
      await thief.close();
    }
  });

  test("that two ask for at once becomes the first one's", async () => {
    const [one, other] = [await directoryNode("wanted/log"), await directoryNode("wanted/log")];
    try {
      const late = await asks(other, "late", "990105", centre);
      assert.ok(typeof late !== "string");
      const { items } = answered(await centre.first.listJoinings({}));
      const { id = "" } = items.find(({ digest }) => digest === late.digest) ?? {};
      answered(await centre.first.proposeJoining({ id, shortCode: late.shortCode, reason: "电话核对" }));
      await joins(one, describing(one, "early", "990104"), centre);
      const decided = await centre.second.decideJoining({ id, decision: "approve", reason: "同意" });
      assert.match(refused(decided, "log-taken").text.en, /wanted\/log.*early/);
      answered(await centre.second.decideJoining({ id, decision: "refuse", reason: "日志名重复" }));
      await askToLeave(one.place);
    } finally {
      for (const node of [one, other]) await node.close();
    }
  });
});

describe("a log whose key is followed by another", () => {
  const listed = () => centre.nodes.view()?.node("qingyuan")?.logKeys;

  test("is listed with the next key, which its node tells, and with no other", async () => {
    const { kernel, place } = county;
    const [first = assert.fail()] = listed() ?? [];
    assert.equal(first, kernel.ledger.verifierKey);
    const tell = async (succession: string) => {
      const at = `${kernel.now().slice(0, 19)}Z`;
      const text = noticeText({ node: "qingyuan", what: "log-key", succession, at });
      return await centre.nodes.noticed(`${text}\n${await (await place.keys.noteSigner("qingyuan")).sign(text)}`);
    };
    const stranger = checkpointSigner(kernel.ledger.origin, generateEd25519(), [generateEd25519()]);
    const next = (await stranger.successor?.()) ?? assert.fail();
    const forged = formatSuccession(
      { origin: kernel.ledger.origin, size: 1, root: new Uint8Array(32) },
      { former: [first], next: [next.verifierKey] },
    );
    refused(
      (await tell(`${forged}\n${await stranger.sign(forged)}${await next.sign(forged)}`)) as never,
      "notice-wrong",
    );
    assert.deepEqual(listed(), [first]);

    assert.ok(await kernel.ledger.wantSuccession(kernel.database));
    assert.ok(await kernel.ledger.sequenceNow());
    const { verifierKey, successions } = await kernel.ledger.keysOfToday();
    assert.notEqual(verifierKey, first);
    for (let round = 0; round < 2; round++) for (const node of [county, centre]) await node.nodes.round();
    assert.deepEqual(listed(), [verifierKey]);
    refused((await tell(successions[0] ?? "")) as never, "notice-wrong");
  });
});

describe("a second node of one division", () => {
  test("speaks for itself, and the one that publishes the part does not speak for it", async () => {
    const second = await directoryNode();
    try {
      await joins(second, describing(second, "qingyuan-2", "990101", []), centre);
      for (let round = 0; round < 2; round++) for (const node of [second, centre]) await node.nodes.round();
      const listed = centre.nodes.view()?.node("qingyuan-2");
      assert.match(listed?.cosigningKeys?.[0] ?? "", /^qingyuan-2\//, "its notice was taken");
      const fingerprint = listed?.certificates[0];
      // Its certificate is struck: it asks for another by a notice.
      const { id } = answered(
        await centre.first.proposeCertificateStrike({
          ...{ node: "qingyuan-2", certificate: fingerprint ?? "", reason: "私钥可能泄露" },
        }),
      );
      answered(await centre.second.decideDirectoryChange({ id, decision: "approve", reason: "同意" }));
      for (let round = 0; round < 3; round++) for (const node of [centre, second]) await node.nodes.round();
      const [fresh] = centre.nodes.view()?.node("qingyuan-2")?.certificates ?? [];
      assert.ok(fresh !== undefined && fresh !== fingerprint);
      const text = noticeText({ node: "qingyuan-2", what: "leave", at: `${county.kernel.now().slice(0, 19)}Z` });
      const forged = `${text}\n${await (await county.place.keys.noteSigner("qingyuan")).sign(text)}`;
      const said = await centre.nodes.noticed(forged);
      refused(said as never, "notice-wrong");
      await askToLeave(second.place);
      const waiting = answered(await centre.first.listDirectoryChanges({})).items.find(
        ({ status, proposedBy }) => status === "proposed" && proposedBy === "qingyuan-2",
      );
      answered(
        await centre.second.decideDirectoryChange({ id: waiting?.id ?? "", decision: "approve", reason: "同意" }),
      );
    } finally {
      await second.close();
    }
  });
});
