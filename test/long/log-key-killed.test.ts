import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testDatabase } from "#kernel/database/testing";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import type { LedgerEntry } from "#kernel/ledger/entry";
import { ledgerKeys } from "#kernel/ledger/keys";
import { LEDGER_MIGRATIONS, Ledger } from "#kernel/ledger/ledger";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";

const KILLS = 12;
const KEYS = 40;
const ORIGIN = "ledger.example/qingyuan";
const seeds = Array.from({ length: KEYS }, (_, at) => ed25519FromSeed(new Uint8Array(32).fill(at + 1)));
const [first = assert.fail(), ...followers] = seeds;
const signer = checkpointSigner(ORIGIN, first, followers);
const keys = ledgerKeys({ masterKey: () => new Uint8Array(32).fill(6) });
const ENTRY: LedgerEntry = {
  ...{ type: "act", at: "2026-03-02T01:00:00Z", room: "quality", operation: "submit" },
  ...{ actor: { kind: "person", id: "p" }, purpose: "own-affairs", legalBasis: [], subjects: [], outcome: "done" },
};

/** A process that is the sequencer as long as it lives. */
function sequencer(url: string) {
  const code = `
    import { openDatabase } from "./src/kernel/database/database.ts";
    import { checkpointSigner } from "./src/kernel/ledger/checkpoint-signer.ts";
    import { Sequencer } from "./src/kernel/ledger/sequencer.ts";
    import { ed25519FromSeed } from "./src/lib/crypto/keys.ts";
    const [first, ...followers] = Array.from({ length: ${KEYS} }, (_, at) => ed25519FromSeed(new Uint8Array(32).fill(at + 1)));
    const signer = checkpointSigner(${JSON.stringify(ORIGIN)}, first, followers);
    const database = await openDatabase({ url: ${JSON.stringify(url)} });
    new Sequencer({ database, signer, onCheckpoint: () => process.stdout.write(".") }).start();`;
  const args = ["--input-type=module-typescript", "--no-warnings", "-e", code];
  return spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test("processes that are killed while keys of the log follow each other leave one log that every key leads to", async (context) => {
  const { database, url, close } = await testDatabase({ migrations: [LEDGER_MIGRATIONS] });
  context.after(close);
  const ledger = new Ledger({ database, signer, keys });
  let working = true;
  let written = 0;
  let wanted = 0;
  const writer = (async () => {
    while (working) written += (await ledger.append(database, [ENTRY, ENTRY])).length;
  })();
  const rotating = (async () => {
    for (; working && wanted < KEYS - 5; await sleep(20)) {
      if ((await ledger.wantSuccession(database)) !== undefined) wanted += 1;
    }
  })();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = sequencer(url);
    for (let seen = 0; seen < 2 + (kill % 4); ) seen += String((await once(child.stdout, "data"))[0]).length;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  working = false;
  await Promise.all([writer, rotating]);
  // The server notices by and by that a killed process has gone, and lets its lock go.
  for (let attempt = 0; attempt < 600 && (await ledger.sequenceNow()) !== written; attempt += 1) await sleep(50);
  assert.equal((await ledger.checkpoint())?.size, written);
  assert.deepEqual((await ledger.verify()).findings, []);
  const { generation, verifierKey } = await ledger.keysOfToday();
  assert.ok(generation > 3 && generation >= wanted, `${generation} generations of ${wanted}`);
  let exported = "";
  for await (const line of ledger.export({ contents: false })) exported += line;
  for (const logKey of [signer.verifierKey, verifierKey]) {
    const report = await verifyFile(new TextEncoder().encode(exported), {
      ...{ roots: [], atMs: 0, logKey: parseLogKey(logKey) },
    });
    assert.equal(report.verdict, "valid", JSON.stringify(report.findings));
    assert.ok(report.findings.some(({ code }) => code === "key-followed"));
  }
});
