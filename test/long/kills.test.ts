import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { type NodeProcess, processesNaming, startProcess, withDataFolder } from "../harness/node-process.ts";

const LINUX_ONLY = process.platform === "linux" ? false : "processes are looked for in /proc";
const ROUNDS = 6;

function start(data: string, settings: Readonly<Record<string, string>> = {}): NodeProcess {
  const environment = { ZHENGTONG_DATA: data, ZHENGTONG_PORT: "0", ...settings };
  return startProcess(["test/harness/plain-node.ts"], { environment });
}

async function addressOf(node: NodeProcess): Promise<string> {
  return (await node.said(/ready (http:\S+)/))[1] ?? "";
}

/** Where the cluster of a data folder lies, as processes name it. */
async function clusterOf(data: string): Promise<string> {
  const pointer = await readFile(join(data, "postgres.location"), "utf8").catch(() => undefined);
  return pointer?.split("\n")[0] ?? join(data, "postgres");
}

/** Posts until it fails; returns the highest number that was acknowledged. */
async function postUntilItFails(address: string): Promise<number> {
  let acknowledged = 0;
  const worker = async () => {
    while (true) {
      const response = await fetch(address, { method: "POST" }).catch(() => undefined);
      if (response?.status !== 200) return;
      acknowledged = Math.max(acknowledged, Number(await response.text().catch(() => "0")));
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return acknowledged;
}

async function rowsAt(address: string): Promise<number> {
  return Number(await (await fetch(address)).text());
}

describe("after kill -9", { skip: LINUX_ONLY }, () => {
  test("of the node alone, the next start stops the database that was left and continues", async () => {
    await withDataFolder(async (data) => {
      let most = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const node = start(data);
        const address = await addressOf(node);
        assert.ok((await rowsAt(address)) >= most, "an acknowledged row was lost");
        const posting = postUntilItFails(address);
        await sleep(200 + 137 * round);
        process.kill(node.pid, "SIGKILL");
        most = Math.max(most, await posting);
        assert.equal(await node.ended, "SIGKILL");
      }
      const last = start(data);
      assert.ok((await rowsAt(await addressOf(last))) >= most);
      last.child.kill("SIGTERM");
      assert.equal(await last.ended, EXIT_CODES.OK);
      assert.deepEqual(await processesNaming(await clusterOf(data)), [], "a server was left running");
    });
  });

  test("of everything at once, the next start comes up by itself", async () => {
    await withDataFolder(async (data) => {
      let most = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const node = start(data);
        const address = await addressOf(node);
        assert.ok((await rowsAt(address)) >= most, "an acknowledged row was lost");
        const posting = postUntilItFails(address);
        await sleep(200 + 91 * round);
        for (const pid of [node.pid, ...(await processesNaming(await clusterOf(data)))]) {
          try {
            process.kill(pid, "SIGKILL");
          } catch {} // gone meanwhile
        }
        most = Math.max(most, await posting);
      }
      const last = start(data);
      assert.ok((await rowsAt(await addressOf(last))) >= most);
      last.child.kill("SIGTERM");
      assert.equal(await last.ended, EXIT_CODES.OK);
    });
  });

  test("of the database, the running node starts it again", async () => {
    await withDataFolder(async (data) => {
      const node = start(data);
      const address = await addressOf(node);
      const before = Number(await (await fetch(address, { method: "POST" })).text());
      const [pid] = (await readFile(join(await clusterOf(data), "data", "postmaster.pid"), "utf8")).split("\n");
      process.kill(Number(pid), "SIGKILL");
      await node.said(/started again/);
      const deadline = performance.now() + 30_000;
      let after = 0;
      while (after === 0 && performance.now() < deadline) {
        const response = await fetch(address, { method: "POST" }).catch(() => undefined);
        if (response?.status === 200) after = Number(await response.text());
        else await sleep(100);
      }
      assert.equal(after, before + 1);
      node.child.kill("SIGTERM");
      assert.equal(await node.ended, EXIT_CODES.OK);
    });
  });

  test("while the cluster is being made, the next start makes it", async () => {
    for (const delayMs of [150, 500, 900, 1_300]) {
      await withDataFolder(async (data) => {
        const node = start(data);
        await node.said(/建立内置数据库/);
        await sleep(delayMs);
        process.kill(node.pid, "SIGKILL");
        await node.ended;
        const next = start(data);
        assert.equal(await rowsAt(await addressOf(next)), 0);
        next.child.kill("SIGTERM");
        assert.equal(await next.ended, EXIT_CODES.OK);
      });
    }
  });
});

describe("as root", { skip: process.getuid?.() !== 0 && "not root" }, () => {
  test("from a folder that nobody else may enter, the database runs under another account", async () => {
    await withDataFolder(async (data) => {
      // The folder around the data folder is made by mkdtemp: 0700, and root's.
      assert.equal((await stat(dirname(data))).mode & 0o777, 0o700);
      const node = start(data);
      await addressOf(node);
      const [server] = await processesNaming(await clusterOf(data));
      const status = await readFile(`/proc/${server}/status`, "utf8");
      assert.doesNotMatch(status, /^Uid:\s+0\b/m);
      node.child.kill("SIGTERM");
      assert.equal(await node.ended, EXIT_CODES.OK);
    });
  });
});
