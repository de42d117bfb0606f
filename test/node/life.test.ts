import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { startProcess, withDataFolder } from "../harness/node-process.ts";

const NODE = ["test/harness/plain-node.ts"] as const;

/** @param settings beside a data folder and a free port */
function start(dataFolder: string, settings: Readonly<Record<string, string>> = {}) {
  return startProcess([...NODE], { environment: { ZHENGTONG_DATA: dataFolder, ZHENGTONG_PORT: "0", ...settings } });
}

async function addressOf(node: ReturnType<typeof start>): Promise<string> {
  return (await node.said(/ready (http:\S+)/))[1] ?? "";
}

describe("a node", { concurrency: 2 }, () => {
  test("starts, stops at SIGTERM when what is in flight is finished, and keeps what it acknowledged", async () => {
    await withDataFolder(async (data) => {
      const first = start(data);
      const address = await addressOf(first);
      assert.equal(await (await fetch(address, { method: "POST" })).text(), "1");
      const slow = fetch(`${address}/slow`, { method: "POST" });
      await new Promise((resolve) => setTimeout(resolve, 200));
      first.child.kill("SIGTERM");
      first.child.kill("SIGTERM"); // npm passes it on twice
      assert.equal(await (await slow).text(), "2");
      assert.equal(await first.ended, EXIT_CODES.OK);
      const second = start(data);
      assert.equal(await (await fetch(await addressOf(second))).text(), "2");
      second.child.kill("SIGINT");
      assert.equal(await second.ended, EXIT_CODES.OK);
    });
  });

  test("says that its data folder is in use, and harms nothing", async () => {
    await withDataFolder(async (data) => {
      const first = start(data);
      const address = await addressOf(first);
      const second = start(data);
      assert.equal(await second.ended, EXIT_CODES.DATA_FOLDER_IN_USE);
      assert.match(second.output(), new RegExp(`数据目录正被另一个进程使用.*PID ${first.pid}`));
      assert.equal(await (await fetch(address, { method: "POST" })).text(), "1");
      first.child.kill("SIGTERM");
      assert.equal(await first.ended, EXIT_CODES.OK);
    });
  });

  test("says that its port is taken before it starts anything", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const port = String((other.address() as AddressInfo).port);
    await withDataFolder(async (data) => {
      const node = start(data, { ZHENGTONG_PORT: port });
      assert.equal(await node.ended, EXIT_CODES.PORT_TAKEN);
      assert.match(node.output(), new RegExp(`端口已被占用：127.0.0.1:${port} .*\n.*The port is taken`));
      assert.doesNotMatch(node.output(), /数据库/);
    });
    other.close();
  });

  test("says that the database cannot be reached, without its password", async () => {
    await withDataFolder(async (data) => {
      const node = start(data, { DATABASE_URL: "postgresql://someone:hunter2@127.0.0.1:9/nowhere" });
      assert.equal(await node.ended, EXIT_CODES.DATABASE_UNREACHABLE);
      assert.match(node.output(), /ECONNREFUSED 127\.0\.0\.1:9/);
      assert.doesNotMatch(node.output(), /hunter2/);
      const again = start(data);
      await addressOf(again);
      again.child.kill("SIGTERM");
      assert.equal(await again.ended, EXIT_CODES.OK);
    });
  });

  test("lists everything that is wrong with its settings", async () => {
    const settings = { ZHENGTONG_PORT: "http", ZHENGTONG_HOST: "0.0.0.0", DATABASE_URL: "mysql://a/b" };
    const node = start("/nonexistent/zhengtong", settings);
    assert.equal(await node.ended, EXIT_CODES.CONFIGURATION);
    for (const variable of Object.keys(settings)) assert.match(node.output(), new RegExp(`${variable}: `));
  });
});
