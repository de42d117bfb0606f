import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { BLOCK_DIGEST_BYTES, PART_HEAD_BYTES } from "#lib/ferry/parts";
import { disclosure } from "#services/disclosure";
import { answered, refused } from "./answers.ts";
import { ferryNode, introduced, releasedPackage } from "./ferry-county.ts";

const county = await ferryNode("qingyuan", "extranet");
const inner = await ferryNode("inner", "intranet", { suite: "national", postQuantum: false });
after(async () => {
  await county.close();
  await inner.close();
});
const toInner = await introduced(county, inner);
const fromCounty = await introduced(inner, county);

async function exported(id: string) {
  const written = await county.export(id);
  assert.ok(!isRefusal(written), JSON.stringify(written));
  return written;
}

test("a package crosses, scratched and with a part lost, and its receipt comes back on paper", async () => {
  const id = await releasedPackage(county, toInner);
  const { paths, spare, sequence } = await exported(id);
  assert.ok(spare >= 2 && paths.length > 4, "several media");
  await rm(paths[1] ?? "");
  const scratched = await readFile(paths[0] ?? "");
  scratched[PART_HEAD_BYTES + BLOCK_DIGEST_BYTES + 7] =
    (scratched[PART_HEAD_BYTES + BLOCK_DIGEST_BYTES + 7] ?? 0) ^ 255;
  await writeFile(paths[0] ?? "", scratched);
  const left = paths.filter((_, at) => at !== 1);
  const [imported] = await inner.import(left);
  assert.equal(imported?.outcome, "accepted");
  assert.equal(imported?.sequence, sequence);
  const arrival = imported?.arrival ?? "";
  const read = answered(await inner.as(inner.carrier).readArrivedDocument({ arrival, place: 0 }));
  assert.equal(Buffer.from(read.content, "base64").toString(), "清源县经济运行简报".repeat(700));

  // Out of the intranet a receipt is an export: two officials release it.
  assert.equal(answered(await inner.as(inner.releaser).releaseReceipt({ id: arrival })).receipt, undefined);
  refused(await inner.as(inner.releaser).releaseReceipt({ id: arrival }), "own");
  const second = inner.official("network.release");
  const { receipt } = answered(await inner.as(second).releaseReceipt({ id: arrival }));
  assert.ok(receipt);
  const taken = answered(await county.as(county.carrier).takeReceipt({ partner: toInner, receipt }));
  assert.deepEqual(taken, { id, outcome: "accepted", sequence });
  assert.equal(answered(await county.as(county.carrier).findPackage({ id })).outcome, "accepted");

  const [again] = await inner.import(left);
  assert.equal(again?.outcome, "replayed");
  const listed = answered(await inner.as(inner.carrier).listArrivals({}));
  assert.deepEqual(listed.items.map(({ outcome }) => outcome).sort(), ["accepted", "replayed"]);
});

test("what comes before its turn, or not whole, or altered, or for someone else is refused and on the record", async () => {
  const first = await exported(await releasedPackage(county, toInner, "第一"));
  const later = await exported(await releasedPackage(county, toInner, "第二"));
  assert.equal((await inner.import(later.paths))[0]?.outcome, "out-of-order");
  const few = first.paths.slice(0, first.paths.length - first.spare - 1);
  assert.equal((await inner.import(few))[0]?.outcome, "incomplete");

  // Of a package for another node the head is changed: it opens nothing.
  const stranger = await ferryNode("other-inner", "intranet");
  try {
    await introduced(stranger, county);
    assert.equal((await stranger.import(first.paths))[0]?.outcome, "not-for-us");
  } finally {
    await stranger.close();
  }
  assert.equal((await inner.import(first.paths))[0]?.outcome, "accepted");
  assert.equal((await inner.import(later.paths))[0]?.outcome, "accepted");
  const entries = await inner.node.kernel.database.query<{ count: string }>(
    "SELECT count(*) FROM network.ferry_arrival WHERE outcome <> 'accepted'",
  );
  assert.ok(Number(entries[0]?.count) >= 3);
});

test("without two officials nothing leaves, and neither may be the other", async () => {
  const carrier = county.as(county.carrier);
  const { id } = answered(await carrier.beginPackage({ partner: toInner, purpose: "报送", legalBasis: "依据" }));
  refused(await county.as(county.carrier).proposePackage({ id }), "empty");
  const document = { package: id, title: "表", name: "表.txt", mediaType: "text/plain", content: btoa("x") } as const;
  answered(await county.as(county.carrier).addDocument({ ...document, classification: "public" }));
  refused(await county.as(county.releaser).decidePackage({ id, decision: "released" }), "other-state");
  answered(await county.as(county.carrier).proposePackage({ id }));
  refused(await county.as(county.carrier).addDocument({ ...document, classification: "public" }), "other-state");
  const both = {
    ...county.carrier,
    post: { ...(county.carrier as { post: object }).post, duties: ["network.release"] },
  };
  refused(await county.as(both as typeof county.carrier).decidePackage({ id, decision: "released" }), "own");
  refused(await county.as(county.releaser).decidePackage({ id, decision: "refused" }), "reason-missing");
  answered(await county.as(county.releaser).decidePackage({ id, decision: "refused", reason: "不需要" }));
  refused((await county.export(id)) as unknown, "other-state");
});

test("state secrets have no place, work secrets do not leave inward zones, and nothing leaves the intranet unless that was allowed", async () => {
  const carrier = county.as(county.carrier);
  const { id } = answered(await carrier.beginPackage({ partner: toInner, purpose: "报送", legalBasis: "依据" }));
  const document = {
    package: id,
    title: "通报",
    name: "通报.txt",
    mediaType: "text/plain",
    classification: "internal",
  } as const;
  const content = Buffer.from("机密★10年 关于……").toString("base64");
  refused(await county.as(county.carrier).addDocument({ ...document, content }), "secret");
  refused(
    await county.as(county.carrier).addDocument({ ...document, title: "秘密★", content: btoa("x") }),
    "invalid-input",
  );
  refused(
    await inner.as(inner.carrier).beginPackage({ partner: fromCounty, purpose: "下发", legalBasis: "依据" }),
    "direction",
  );
});

test("a call that its contract lets cross is done on the other side, once, also when reading was stopped before it", async () => {
  const { id } = answered(
    await county.as(county.carrier).beginPackage({ partner: toInner, purpose: "公开信息", legalBasis: "依据" }),
  );
  const target = { room: "disclosure", operation: "publishDecision", version: 1 };
  const outward = { room: "disclosure", operation: "publishEnding", version: 1 };
  refused(
    await county.as(county.carrier).addCall({ package: id, title: "决定", target: outward, input: {} }),
    "may-not-cross",
  );
  refused(await county.as(county.carrier).addCall({ package: id, title: "决定", target, input: {} }), "may-not-cross");
  const whole = sampleDecision(county.node.kernel.newId());
  answered(await county.as(county.carrier).addCall({ package: id, title: "决定", target, input: whole }));
  answered(await county.as(county.carrier).proposePackage({ id }));
  answered(await county.as(county.releaser).decidePackage({ id, decision: "released" }));
  const { paths } = await exported(id);
  const [imported] = await inner.import(paths);
  assert.equal(imported?.outcome, "accepted");
  assert.equal(await inner.doCalls(), 1);
  assert.equal(await inner.doCalls(), 0);
  const found = answered(await inner.as(inner.carrier).findArrival({ id: imported?.arrival ?? "" }));
  assert.equal(found.items[0]?.outcome, "done");
  const published = answered(
    await inner.node
      .as(disclosure, inner.carrier, { purpose: "administration" })
      .findDecision({ caseNumber: whole.caseNumber }),
  );
  assert.equal(published.party, whole.party);
});

test("a receipt that somebody else made, or for another package, changes nothing", async () => {
  const id = await releasedPackage(county, toInner, "第三");
  const { paths } = await exported(id);
  const forged = await ferryNode("inner", "intranet");
  try {
    const partner = await introduced(forged, county);
    assert.ok(partner);
    await forged.node.kernel.database.query("UPDATE network.ferry_partner SET received = (SELECT $1::int)", [
      answered(await county.as(county.carrier).findPackage({ id })).sequence,
    ]);
    const [imported] = await forged.import(paths);
    assert.equal(imported?.outcome, "replayed");
    const arrival = imported?.arrival ?? "";
    await forged.as(forged.releaser).releaseReceipt({ id: arrival });
    const second = forged.official("network.release");
    const { receipt = "" } = answered(await forged.as(second).releaseReceipt({ id: arrival }));
    refused(await county.as(county.carrier).takeReceipt({ partner: toInner, receipt }), "forged");
    refused(
      await county.as(county.carrier).takeReceipt({ partner: toInner, receipt: "ZTF1\n1: ABCD / 00" }),
      "mistyped",
    );
    assert.equal((await inner.import(paths))[0]?.outcome, "accepted");
  } finally {
    await forged.close();
  }
});

/** The receipt of an arrival, as two officials release it. */
async function receiptOf(arrival: string): Promise<string> {
  await inner.as(inner.releaser).releaseReceipt({ id: arrival });
  return answered(await inner.as(inner.official("network.release")).releaseReceipt({ id: arrival })).receipt ?? "";
}

test("what was refused for its media is put on media again, and nothing behind it waits for ever", async () => {
  const id = await releasedPackage(county, toInner, "重新刻录");
  const { paths, spare } = await exported(id);
  const [few] = await inner.import(paths.slice(spare + 1));
  assert.equal(few?.outcome, "incomplete");
  const receipt = await receiptOf(few?.arrival ?? "");
  assert.equal(
    answered(await county.as(county.carrier).takeReceipt({ partner: toInner, receipt })).outcome,
    "incomplete",
  );
  const again = await exported(id);
  assert.equal((await inner.import(again.paths))[0]?.outcome, "accepted");
});

test("what the other side cannot take is given up, and those behind it are released again in its place", async () => {
  const bad = await releasedPackage(county, toInner, "收不进");
  const behind = await releasedPackage(county, toInner, "后一个");
  await county.node.kernel.database.query("UPDATE network.ferry_package SET release = proposal WHERE id = $1", [bad]);
  const [turned] = await inner.import((await exported(bad)).paths);
  assert.equal(turned?.outcome, "not-released");
  refused(await county.as(county.releaser).giveUpPackage({ id: bad }), "other-state");
  const receipt = await receiptOf(turned?.arrival ?? "");
  answered(await county.as(county.carrier).takeReceipt({ partner: toInner, receipt }));
  assert.equal(answered(await county.as(county.releaser).giveUpPackage({ id: bad })).again, 1);
  refused(await county.as(county.releaser).giveUpPackage({ id: bad }), "other-state");
  refused((await county.export(behind)) as unknown, "other-state");
  answered(await county.as(county.releaser).decidePackage({ id: behind, decision: "released" }));
  assert.equal((await inner.import((await exported(behind)).paths))[0]?.outcome, "accepted");
});

test("of two that read the same media at once, one accepts", async () => {
  const { paths } = await exported(await releasedPackage(county, toInner, "同时"));
  const outcomes = await Promise.all([inner.import(paths), inner.import(paths)]);
  assert.deepEqual(outcomes.map(([one]) => one?.outcome).sort(), ["accepted", "replayed"]);
});

test("a document without content is refused with words, and so is one longer than is kept", async () => {
  const carrier = county.as(county.carrier);
  const { id } = answered(await carrier.beginPackage({ partner: toInner, purpose: "报送", legalBasis: "依据" }));
  const document = {
    package: id,
    title: "空",
    name: "空.txt",
    mediaType: "text/plain",
    classification: "public",
  } as const;
  refused(await county.as(county.carrier).addDocument({ ...document, content: "" }), "invalid-input");
  const long = Buffer.alloc(33 * 1024 * 1024).toString("base64");
  refused(await county.as(county.carrier).addDocument({ ...document, content: long }), "invalid-input");
});

test("a node that got new keys gets what was released for it before; one that was ended gets nothing", async () => {
  const receiver = await ferryNode("second-inner", "intranet");
  const renewed = await ferryNode("second-inner", "intranet");
  try {
    const first = await introduced(county, receiver);
    const id = await releasedPackage(county, first, "换钥");
    const second = await introduced(county, renewed);
    await introduced(renewed, county);
    const { paths } = await exported(id);
    const [imported] = await renewed.import(paths);
    assert.equal(imported?.outcome, "accepted");
    await renewed.as(renewed.releaser).releaseReceipt({ id: imported?.arrival ?? "" });
    const official = renewed.official("network.release");
    const { receipt = "" } = answered(await renewed.as(official).releaseReceipt({ id: imported?.arrival ?? "" }));
    assert.equal(answered(await county.as(county.carrier).takeReceipt({ partner: second, receipt })).id, id);
    const waiting = await releasedPackage(county, second, "停用前");
    answered(await county.as(county.releaser).endPartner({ id: second }));
    refused((await county.export(waiting)) as unknown, "other-state");
  } finally {
    await receiver.close();
    await renewed.close();
  }
});

test("a package that one official signed twice, or nobody known released, is refused on arrival", async () => {
  const released = await releasedPackage(county, toInner, "一人");
  const { paths } = await exported(released);
  const database = county.node.kernel.database;
  const [kept] = await database.query<{ proposal: string; release: string }>(
    "SELECT proposal, release FROM network.ferry_package WHERE id = $1",
    [released],
  );
  // Whoever has the sending node's database and not its officials' keys can put the first signature in the second's place.
  await database.query("UPDATE network.ferry_package SET release = proposal WHERE id = $1", [released]);
  const forged = await exported(released);
  assert.equal((await inner.import(forged.paths))[0]?.outcome, "not-released");
  await database.query("UPDATE network.ferry_package SET release = $2 WHERE id = $1", [released, kept?.release]);
  const stranger = await ferryNode("third-inner", "intranet");
  try {
    assert.equal((await stranger.import(paths))[0]?.outcome, "not-for-us");
  } finally {
    await stranger.close();
  }
  assert.equal((await inner.import((await exported(released)).paths))[0]?.outcome, "accepted");
});

function sampleDecision(caseId: string) {
  return {
    ...{ caseId, caseNumber: "990101-2026-000042", item: "食品经营许可", decision: "grant", content: "准予许可" },
    ...{ party: "清源小吃店", partyCode: "92990101MA0000001X", decidedOn: "2026-11-17", authority: caseId },
  };
}
