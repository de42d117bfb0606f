import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { sha256Hex } from "#lib/crypto/digest";
import type { OfferedFile } from "../../src/infrastructure/exchange/files/offers.ts";
import type { Country } from "../harness/exchange-nodes.ts";
import { peopleAndBirths } from "../harness/exchange-rooms.ts";
import { FaultProxy } from "../harness/fault-proxy.ts";

let country: Country;
let wire: FaultProxy;
let folder: string;
before(async () => {
  country = await peopleAndBirths();
  wire = await FaultProxy.open({ host: "127.0.0.1", port: country.node("centre").port });
  country.change((entry) =>
    entry.code === "centre" ? { ...entry, exchange: `https://127.0.0.1:${wire.port}` } : entry,
  );
  folder = await mkdtemp(join(tmpdir(), "zhengtong-test-files-"));
});
after(async () => {
  await country.close();
  await wire.close();
  await rm(folder, { recursive: true });
});

const CONTENT = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 2_654_435_761) >>> 13));
const PIECE_BYTES = 65_536;
const opened: number[] = [];

function fileOf(content: Uint8Array, digest = sha256Hex(content)): OfferedFile {
  return {
    digest,
    sizeBytes: content.length,
    async *open(startByte) {
      opened.push(startByte);
      for (let at = startByte; at < content.length; at += PIECE_BYTES) yield content.subarray(at, at + PIECE_BYTES);
    },
  };
}

const act = "00000000-0000-4000-8000-0000000000f1";
const take = (file: OfferedFile, path: string) =>
  country
    .node("county")
    .exchange.takeFile({ node: "centre", act, digest: file.digest, sizeBytes: file.sizeBytes, path });

test("a file comes over a wire that breaks: gone on with from where it broke, right to the byte, on both records", async () => {
  const file = fileOf(CONTENT);
  const path = join(folder, "whole");
  country.node("centre").exchange.offerFile(file, { to: "county", act });
  wire.lossPerThousand = 100;
  await take(file, path);
  wire.lossPerThousand = 0;
  assert.ok(CONTENT.equals(await readFile(path)));
  assert.ok(opened.length > 1 && opened.slice(1).every((start) => start > 0), String(opened));
  for (const [code, operation] of [
    ["centre", "sendFile"],
    ["county", "takeFile"],
  ] as const) {
    const { records } = await country.node(code).kernel.ledger.byActor({ kind: "node", id: "exchange" });
    assert.equal(records.filter(({ leaf }) => leaf.operation === operation).length, 1);
  }
});

test("what came before a restart is not fetched again", async () => {
  const file = fileOf(CONTENT);
  const path = join(folder, "resumed");
  await writeFile(`${path}.part`, CONTENT);
  await truncate(`${path}.part`, 1_234_567);
  opened.length = 0;
  await take(file, path);
  assert.deepEqual(opened, [1_234_567]);
  assert.ok(CONTENT.equals(await readFile(path)));
});

test("another file than was said leaves nothing behind; what was not promised is not given", async () => {
  const wrong = fileOf(CONTENT.subarray(0, 100_000), "ab".repeat(32));
  const path = join(folder, "wrong");
  country.node("centre").exchange.offerFile(wrong, { to: "county", act });
  await assert.rejects(take(wrong, path), { code: "ERR_EXCHANGE_FILE" });
  const longer = { ...fileOf(CONTENT), sizeBytes: CONTENT.length - 1 };
  await assert.rejects(take(longer, path), { code: "ERR_EXCHANGE_FILE" });
  const other = fileOf(CONTENT.subarray(1));
  country.node("centre").exchange.offerFile(other, { to: "elsewhere", act });
  await assert.rejects(take(other, path), { code: "ERR_EXCHANGE_PEER" });
  await assert.rejects(stat(path), { code: "ENOENT" });
});

test("a disk that is full is said to be full: the file did come, and is not there", async () => {
  const file = fileOf(CONTENT);
  const path = join(folder, "full");
  country.node("centre").exchange.offerFile(file, { to: "county", act });
  await symlink("/dev/full", `${path}.part`);
  await assert.rejects(take(file, path), { code: "ENOSPC" });
  await assert.rejects(stat(path), { code: "ENOENT" });
});
