import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { type NodeProcess, startProcess, withDataFolder } from "../harness/node-process.ts";

/** A command of the real command line on a data folder. */
function zhengtong(data: string, ...args: readonly string[]): NodeProcess {
  const environment = { ZHENGTONG_DATA: data, ZHENGTONG_PORT: "0" };
  return startProcess(["src/node/main.ts", ...args], { environment });
}

async function succeeds(data: string, ...args: readonly string[]): Promise<string> {
  const run = zhengtong(data, ...args);
  assert.equal(await run.ended, EXIT_CODES.OK, run.output());
  return run.output();
}

const READY = /Zhengtong is ready/;

describe("the demonstration node", () => {
  test("is backed up while it runs, lost, restored elsewhere, and is the same", async () => {
    const folder = await mkdtemp(join(tmpdir(), "zhengtong-archive-"));
    try {
      const backup = join(folder, "backup");
      const kept = join(folder, "checkpoint");
      await withDataFolder(async (data) => {
        const node = zhengtong(data, "start");
        await node.said(READY);
        await succeeds(data, "backup", backup);
        const manifest = JSON.parse(await readFile(join(backup, "manifest.json"), "utf8"));
        await writeFile(kept, manifest.checkpoint);
        assert.match(await succeeds(data, "ledger", "verify"), /Nothing was tampered with/);
        process.kill(node.pid, "SIGKILL");
        await node.ended;
      });
      await withDataFolder(async (data) => {
        await succeeds(data, "restore", "--checkpoint", kept, backup);
        assert.match(await succeeds(data, "ledger", "verify", "--checkpoint", kept), /Nothing was tampered with/);
        const node = zhengtong(data, "start");
        await node.said(READY);
        node.child.kill("SIGTERM");
        assert.equal(await node.ended, EXIT_CODES.OK);
        const again = zhengtong(data, "restore", backup);
        assert.equal(await again.ended, EXIT_CODES.BACKUP);
        assert.match(await succeeds(data, "ledger", "verify", "--checkpoint", kept), /Nothing was tampered with/);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
