import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "#kernel/database/database";
import { runningPostgresUrl } from "../../src/node/embedded-postgres.ts";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { type NodeProcess, processesNaming, startProcess, withDataFolder } from "../harness/node-process.ts";

/** What may happen while a node starts. */

const LINUX_ONLY = process.platform === "linux" ? false : "processes are looked for in /proc";
const PLAIN = "test/harness/plain-node.ts";
const COUNTY = "test/adversarial/county-program.ts";

function start(program: string, data: string): NodeProcess {
  const environment = { ZHENGTONG_DATA: data, ZHENGTONG_PORT: "0", ZHENGTONG_LOG_LEVEL: "error" };
  return startProcess([program], { environment });
}

async function clusterOf(data: string): Promise<string> {
  const pointer = await readFile(join(data, "postgres.location"), "utf8").catch(() => undefined);
  return pointer?.split("\n")[0] ?? join(data, "postgres");
}

async function stopped(node: NodeProcess): Promise<void> {
  node.child.kill("SIGTERM");
  assert.equal(await node.ended, EXIT_CODES.OK, node.output());
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {} // gone meanwhile
}

/** It may have been up just before its server died: then it is told to stop once that is there again. */
async function serverIsBack(node: NodeProcess): Promise<void> {
  const [, address = ""] = /ready (http\S+)/.exec(node.output()) ?? [];
  while ((await fetch(`${address}/readyz`).catch(() => undefined))?.status === 503) await sleep(50);
}

describe("while a node starts", { skip: LINUX_ONLY }, () => {
  const killedAt = async (program: string, delaysMs: readonly number[]) => {
    await withDataFolder(async (data) => {
      const made = start(program, data);
      await made.said(/ready http/);
      await stopped(made);
      for (const delayMs of delaysMs) {
        const node = start(program, data);
        await node.said(/正在启动内置数据库/);
        await sleep(delayMs);
        for (const pid of await processesNaming(`${await clusterOf(data)}/data`)) kill(pid);
        const came = await Promise.race([node.said(/ready http/).then(() => true), node.ended.then(() => false)]);
        if (came) {
          await serverIsBack(node);
          await stopped(node);
        } else {
          const code = await node.ended;
          assert.ok(
            code === EXIT_CODES.CLUSTER || code === EXIT_CODES.DATABASE_UNREACHABLE,
            `${code}: ${node.output()}`,
          );
        }
        assert.deepEqual(await processesNaming(`${await clusterOf(data)}/data`), [], "no server was left running");
      }
      const last = start(program, data);
      await last.said(/ready http/);
      await stopped(last);
    });
  };
  test("its PostgreSQL is killed: it starts it again, or says so and ends; the next start comes up", () =>
    killedAt(PLAIN, [0, 40, 90, 160, 250, 400]));
  test("so it is with all its rooms: migrations, registers, ledger and jobs begin on a server that dies", () =>
    killedAt(COUNTY, [150, 400, 700, 1_000, 1_400, 1_900]));

  test("it is killed in the middle of its migrations, keys and first data: the next start finishes them", async () => {
    for (const delayMs of [30, 120, 300, 700, 1_500, 2_500]) {
      await withDataFolder(async (data) => {
        const node = start(COUNTY, data);
        await node.said(/正在更新数据库结构/);
        await sleep(delayMs);
        kill(node.pid);
        await node.ended;
        const next = start(COUNTY, data);
        await next.said(/ready http/);
        await using database = await openDatabase({ url: (await runningPostgresUrl(data)) ?? "", poolSize: 1 });
        const [row] = await database.query<{ persons: number; twice: number }>(
          `SELECT (SELECT count(*)::int FROM population.person) AS persons,
             (SELECT count(*)::int FROM (SELECT FROM identity.account GROUP BY data ->> 'signInName' HAVING count(*) > 1) AS a) AS twice`,
        );
        assert.ok((row?.persons ?? 0) >= 5_000, `${delayMs} ms: ${row?.persons} persons`);
        assert.equal(row?.twice, 0, "nobody has two accounts");
        await database.close();
        await stopped(next);
      });
    }
  });

  test("another starts on the same folder: one of them runs, the others say that it is in use", async () => {
    await withDataFolder(async (data) => {
      for (let round = 0; round < 4; round += 1) {
        const nodes = Array.from({ length: 3 }, () => start(PLAIN, data));
        const came = await Promise.all(
          nodes.map((node) =>
            Promise.race([
              node.said(/ready http/).then(
                () => true,
                () => false,
              ),
              node.ended.then(() => false),
            ]),
          ),
        );
        assert.equal(came.filter(Boolean).length, 1, nodes.map((node) => node.output()).join("\n---\n"));
        for (const [at, node] of nodes.entries()) {
          if (came[at]) await stopped(node);
          else assert.equal(await node.ended, EXIT_CODES.DATA_FOLDER_IN_USE, node.output());
        }
      }
    });
  });
});
