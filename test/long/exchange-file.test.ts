import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sha256Stream } from "#lib/crypto/digest";
import { peopleAndBirths } from "../harness/exchange-rooms.ts";
import { FaultProxy } from "../harness/fault-proxy.ts";

const SIZE_BYTES = 2 * 1024 ** 3;
const PIECE_BYTES = 1024 ** 2;
/** Beside what the two nodes of the test hold anyway. */
const MEMORY_MAX_BYTES = 200 * 1024 ** 2;

function* pieces(startByte: number): Generator<Uint8Array> {
  for (let at = startByte; at < SIZE_BYTES; ) {
    const index = Math.floor(at / PIECE_BYTES);
    const piece = Buffer.alloc(PIECE_BYTES, index % 251);
    piece.writeUInt32BE(index, 0);
    const inside = at % PIECE_BYTES;
    yield piece.subarray(inside);
    at += PIECE_BYTES - inside;
  }
}

test("two gibibytes cross between nodes in constant memory, over a wire that is cut ten times", async () => {
  const country = await peopleAndBirths();
  const wire = await FaultProxy.open({ host: "127.0.0.1", port: country.node("centre").port });
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-long-file-"));
  try {
    country.change((entry) =>
      entry.code === "centre" ? { ...entry, exchange: `https://127.0.0.1:${wire.port}` } : entry,
    );
    const digest = sha256Stream();
    for (const piece of pieces(0)) digest.update(piece);
    const file = { digest: digest.hex(), sizeBytes: SIZE_BYTES };
    let sent = 0;
    let cuts = 0;
    const act = "00000000-0000-4000-8000-0000000000f2";
    country.node("centre").exchange.offerFile(
      {
        ...file,
        async *open(startByte) {
          for (const piece of pieces(startByte)) {
            yield piece;
            sent += piece.length;
            if (sent > (cuts + 1) * (SIZE_BYTES / 11) && cuts < 10) {
              cuts += 1;
              wire.cut();
              wire.heal();
            }
          }
        },
      },
      { to: "county", act },
    );
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 50);
    const path = join(folder, "file");
    await country.node("county").exchange.takeFile({ node: "centre", act, ...file, path });
    clearInterval(watch);
    assert.equal(cuts, 10);
    assert.equal((await stat(path)).size, SIZE_BYTES);
    assert.ok(most - before < MEMORY_MAX_BYTES, `${Math.round((most - before) / 1024 ** 2)} MiB more`);
  } finally {
    await country.close();
    await wire.close();
    await rm(folder, { recursive: true });
  }
});
