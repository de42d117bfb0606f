/**
 * What the receiving side of the ferry refuses though both officials signed it, or though the medium reads well: real packages, altered where
 * whoever has the medium, the sending node's database or its program could. Each refusal is in the ledgers of both sides, and the
 * package as it should be is taken afterwards.
 */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { randomBytes } from "#kernel/random";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { RECIPIENT_RANDOMNESS_BYTES, sealFor } from "#lib/crypto/recipient";
import { type ContainerHead, headBinding, writeContainer } from "#lib/ferry/container";
import { planParts } from "#lib/ferry/parts";
import { readCard } from "../../src/infrastructure/network/card.ts";
import { findParts, joinParts, splitFile } from "../../src/node/ferry/part-files.ts";
import { answered } from "../rooms/answers.ts";
import { type FerryNode, ferryNode, introduced, releasedPackage } from "../rooms/ferry-county.ts";

const county = await ferryNode("qingyuan", "extranet");
const inner = await ferryNode("inner", "intranet", { suite: "national", postQuantum: false });
after(async () => {
  await county.close();
  await inner.close();
});
const toInner = await introduced(county, inner);
await introduced(inner, county);

const MEDIA = { mediaBytes: 4_000, redundancyPercent: 50 };

/** The package's bytes as they lie on the media. */
async function bytesOn(paths: readonly string[]): Promise<Uint8Array> {
  const [parts] = await findParts(paths);
  assert.ok(parts);
  const found: Uint8Array[] = [];
  for await (const part of joinParts(parts)) found.push(Uint8Array.from(part));
  return Buffer.concat(found);
}

/** Bytes on media of their own, every block with its right digest. */
async function onMedia(name: string, bytes: Uint8Array, of: Omit<ContainerHead, "suite">): Promise<readonly string[]> {
  const folder = join(county.folder, name);
  await mkdir(folder);
  const source = join(folder, "whole");
  await writeFile(source, bytes);
  const plan = planParts(bytes.length, MEDIA);
  assert.ok(plan);
  return await splitFile(source, { folder, of, plan });
}

interface Carried {
  readonly head: ContainerHead;
  readonly manifest: Uint8Array;
  readonly releases: readonly Uint8Array[];
  readonly items: readonly Uint8Array[];
}

/** As a sending program that does what it must not would write it, truly sealed for the other side. */
async function writtenOtherwise(name: string, id: string, change: (carried: Carried) => Partial<Carried>) {
  const exported = answered(await county.machine().recordExport({ id }));
  const card = readCard(exported.card);
  assert.ok(card);
  const { from, to, sequence } = exported;
  const sound: Carried = {
    head: { id, from, to, sequence, suite: card.encryption.suite },
    manifest: utf8(exported.manifest),
    releases: exported.releases.map((token) => utf8(token)),
    items: await Promise.all(exported.items.map(({ digest }) => county.node.kernel.files.read(digest))),
  };
  const { head, manifest, releases, items } = { ...sound, ...change(sound) };
  const randomness = randomBytes(RECIPIENT_RANDOMNESS_BYTES);
  const sealed = sealFor(card.encryption, { randomness, info: headBinding(head) });
  const parts: Uint8Array[] = [];
  async function* each() {
    yield* items;
  }
  for await (const part of writeContainer(head, sealed, { manifest, releases, items: each() })) parts.push(part);
  return await onMedia(name, Buffer.concat(parts), head);
}

/** What a ledger has of one package under an operation, newest first. */
async function entriesOf(node: FerryNode, operation: string, id: string) {
  const { records } = await node.node.kernel.ledger.latest({ limit: 200 });
  return records
    .filter(
      ({ leaf, content }) =>
        leaf.operation === operation && (content?.detail as { package?: string } | undefined)?.package === id,
    )
    .map(({ leaf, content }) => ({ type: leaf.type, ...(content?.detail as object) }));
}

/** That a package is refused for one reason, that both ledgers say so, and that nothing of it was kept or counted. */
async function isRefused(id: string, paths: readonly string[], outcome: string, opened: boolean): Promise<void> {
  const before = await inner.node.kernel.database.query(
    "SELECT node, received, received_digest FROM network.ferry_partner",
  );
  const [turned] = await inner.import(paths);
  assert.equal(turned?.outcome, outcome);
  const { sequence = 0, manifest } = await packageOf(id);
  const digest = opened ? sha256Hex(manifest) : null;
  assert.deepEqual(await entriesOf(inner, "ferry-arrived", id), [
    { type: "refused", package: id, from: "qingyuan", sequence, outcome, manifest: digest },
  ]);
  const database = inner.node.kernel.database;
  assert.deepEqual(
    await database.query("SELECT 1 FROM network.ferry_arrived_item WHERE arrival = $1", [turned?.arrival]),
    [],
  );
  assert.deepEqual(await database.query("SELECT node, received, received_digest FROM network.ferry_partner"), before);
  assert.equal(await inner.doCalls(), 0);
  const arrival = turned?.arrival ?? "";
  await inner.as(inner.releaser).releaseReceipt({ id: arrival });
  const second = inner.official("network.release");
  const { receipt = "" } = answered(await inner.as(second).releaseReceipt({ id: arrival }));
  assert.equal(answered(await county.as(county.carrier).takeReceipt({ partner: toInner, receipt })).outcome, outcome);
  assert.deepEqual(await entriesOf(county, "ferry-receipt-taken", id), [
    { type: "refused", package: id, to: "inner", sequence, outcome },
  ]);
  assert.equal(answered(await county.as(county.carrier).findPackage({ id })).outcome, outcome);
}

async function packageOf(id: string) {
  const [row] = await county.node.kernel.database.query<{ sequence: number; manifest: string }>(
    "SELECT sequence::float8 AS sequence, manifest FROM network.ferry_package WHERE id = $1",
    [id],
  );
  assert.ok(row);
  return row;
}

async function isTakenAsItIs(id: string): Promise<void> {
  const written = await county.export(id);
  assert.ok("paths" in written, JSON.stringify(written));
  assert.equal((await inner.import(written.paths))[0]?.outcome, "accepted");
}

test("altered on the medium, by somebody who wrote its digests anew", async () => {
  const id = await releasedPackage(county, toInner, "介质上改动");
  const written = await county.export(id);
  assert.ok("paths" in written);
  const bytes = await bytesOn(written.paths);
  bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1;
  const { sequence } = await packageOf(id);
  const head = { id, from: "qingyuan", to: "inner", sequence };
  await isRefused(id, await onMedia("flipped", bytes, head), "altered", false);
  await isTakenAsItIs(id);
});

test("altered: the media name another package than the one that is sealed on them", async () => {
  const [id, other] = [await releasedPackage(county, toInner, "甲"), county.node.kernel.newId()];
  const written = await county.export(id);
  assert.ok("paths" in written);
  const { sequence } = await packageOf(id);
  const head = { id: other, from: "qingyuan", to: "inner", sequence };
  const [turned] = await inner.import(await onMedia("renamed", await bytesOn(written.paths), head));
  assert.equal(turned?.outcome, "altered");
  assert.deepEqual(await entriesOf(inner, "ferry-arrived", other), [
    { type: "refused", package: other, from: "qingyuan", sequence, outcome: "altered", manifest: null },
  ]);
  await isTakenAsItIs(id);
});

test("altered: truly signed and sealed, with another document than both officials saw", async () => {
  const id = await releasedPackage(county, toInner, "原文".repeat(2_000));
  const paths = await writtenOtherwise("swapped", id, ({ items }) => ({
    items: items.map((item) => utf8("假文".repeat(item.length / 6))),
  }));
  await isRefused(id, paths, "altered", true);
  await isTakenAsItIs(id);
});

test("altered: something more behind what was signed", async () => {
  const id = await releasedPackage(county, toInner, "夹带");
  const paths = await writtenOtherwise("more", id, ({ items }) => ({ items: [...items, utf8("x")] }));
  await isRefused(id, paths, "altered", true);
  await isTakenAsItIs(id);
});

/** A package into which whoever has the sending node's database put something that its operations refuse; both officials signed it. */
async function tampered(change: (item: { id: string; digest: string }) => readonly [string, ...unknown[]]) {
  const { id } = answered(
    await county
      .as(county.carrier)
      .beginPackage({ partner: toInner, purpose: "报送", legalBasis: "省府办〔2026〕3号" }),
  );
  const document = { title: "简报", classification: "internal", name: "简报.txt", mediaType: "text/plain" } as const;
  const content = Buffer.from("寻常内容").toString("base64");
  answered(await county.as(county.carrier).addDocument({ package: id, ...document, content }));
  const bytes = utf8("机密★10年\n内容");
  const { digest } = await county.node.kernel.files.put(bytes, { mediaType: "text/plain", name: "x.txt" });
  const [statement, ...values] = change({ id, digest });
  await county.node.kernel.database.query(statement, values);
  answered(await county.as(county.carrier).proposePackage({ id }));
  answered(await county.as(county.releaser).decidePackage({ id, decision: "released" }));
  const written = await county.export(id);
  assert.ok("paths" in written);
  return { id, paths: written.paths };
}

/** What cannot be taken as it is gives its number to the next. */
async function isNotAllowed(change: Parameters<typeof tampered>[0]): Promise<void> {
  const { id, paths } = await tampered(change);
  await isRefused(id, paths, "not-allowed", true);
  answered(await county.as(county.releaser).giveUpPackage({ id }));
}

test("not allowed: a document with a mark of state secrets in it", () =>
  isNotAllowed(({ id, digest }) => [
    "UPDATE network.ferry_item SET digest = $2, bytes = $3 WHERE package = $1",
    ...[id, digest, utf8("机密★10年\n内容").length],
  ]));

test("not allowed: a mark in a title", () =>
  isNotAllowed(({ id }) => ["UPDATE network.ferry_item SET title = '绝密★ 通报' WHERE package = $1", id]));

test("not allowed: a call whose contract does not let it cross, and one of a version that is not served", async () => {
  for (const [operation, version] of [
    ["publishEnding", 1],
    ["publishDecision", 9],
    ["nothing", 1],
  ] as const) {
    await isNotAllowed(({ id }) => [
      "UPDATE network.ferry_item SET kind = 'call', classification = 'public', target = $2 WHERE package = $1",
      ...[id, JSON.stringify({ room: "disclosure", operation, version })],
    ]);
  }
});

test("a node that nobody here confirmed is unknown, and so is one that was ended", async () => {
  const stranger = await ferryNode("stranger", "extranet");
  try {
    const partner = await introduced(stranger, inner);
    const first = await releasedPackage(stranger, partner, "来历不明");
    const written = await stranger.export(first);
    assert.ok("paths" in written);
    const refusedAs = async (times: number) => {
      const [turned] = await inner.import(written.paths);
      assert.equal(turned?.outcome, "unknown-sender");
      const said = { type: "refused", package: first, from: "stranger", sequence: 1, outcome: "unknown-sender" };
      assert.deepEqual(
        await entriesOf(inner, "ferry-arrived", first),
        Array.from({ length: times }, () => ({ ...said, manifest: null })),
      );
      return turned.arrival;
    };
    const arrival = await refusedAs(1);
    // The stranger can learn it, by a receipt that two officials here release.
    await inner.as(inner.releaser).releaseReceipt({ id: arrival });
    const { receipt = "" } = answered(
      await inner.as(inner.official("network.release")).releaseReceipt({ id: arrival }),
    );
    assert.equal(
      answered(await stranger.as(stranger.carrier).takeReceipt({ partner, receipt })).outcome,
      "unknown-sender",
    );
    assert.deepEqual(await entriesOf(stranger, "ferry-receipt-taken", first), [
      { type: "refused", package: first, to: "inner", sequence: 1, outcome: "unknown-sender" },
    ]);
    const known = await introduced(inner, stranger);
    answered(await inner.as(inner.releaser).endPartner({ id: known }));
    await refusedAs(2);
    await introduced(inner, stranger);
    const again = await stranger.export(first);
    assert.ok("paths" in again);
    assert.equal((await inner.import(again.paths))[0]?.outcome, "accepted");
  } finally {
    await stranger.close();
  }
});
