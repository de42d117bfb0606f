import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, open, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { startProcess } from "../harness/node-process.ts";

/** Small file systems can be had from the kernel, by root. */
async function withSmallDisk(mebibytes: number, work: (path: string) => Promise<void>): Promise<boolean> {
  const path = await mkdtemp(join(tmpdir(), "zhengtong-disk-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path]);
  try {
    if (status !== 0) return false;
    await work(path);
    return true;
  } finally {
    if (status === 0) spawnSync("umount", [path]);
    await rm(path, { recursive: true, force: true });
  }
}

describe("on a full disk", () => {
  test("a node says so and starts nothing", async (context) => {
    const mounted = await withSmallDisk(32, async (disk) => {
      await writeFile(join(disk, "ballast"), Buffer.alloc(1024 * 1024));
      const node = startProcess(["test/harness/plain-node.ts"], {
        environment: { ZHENGTONG_DATA: join(disk, "data"), ZHENGTONG_PORT: "0" },
      });
      assert.equal(await node.ended, EXIT_CODES.DISK_FULL);
      assert.match(node.output(), /磁盘空间不足.*MiB/);
    });
    if (!mounted) context.skip("no file system can be mounted here");
  });

  test("that fills while a node runs, what was acknowledged is kept, and it goes on when there is room again", async (context) => {
    const mounted = await withSmallDisk(DISK_MEBIBYTES, async (disk) => {
      await chmod(disk, 0o755);
      const environment = { ZHENGTONG_DATA: join(disk, "data"), ZHENGTONG_PORT: "0", TMPDIR: disk };
      const node = startProcess(["test/harness/plain-node.ts"], { environment });
      const address = (await node.said(/ready (http:\S+)/))[1] ?? "";
      const post = async () => {
        const response = await fetch(address, { method: "POST", signal: AbortSignal.timeout(30_000) }).catch(
          () => undefined,
        );
        return response?.status === 200 ? Number(await response.text()) : undefined;
      };
      const before = await post();
      assert.equal(before, 1);
      await fill(join(disk, "ballast"), disk);
      // The log is written in files that were made before: it takes a while until one more is needed.
      let acknowledged = before ?? 0;
      const refused = async () => {
        const answers = await Promise.all(Array.from({ length: 50 }, () => post()));
        acknowledged = Math.max(acknowledged, ...answers.map((answer) => answer ?? 0));
        return answers.includes(undefined);
      };
      await fetch(`${address}/bulk`, { method: "POST" }).catch(() => undefined);
      let tries = 0;
      while (!(await refused()) && tries < 200) tries += 1;
      assert.ok(tries < 200, "a full disk was never noticed");
      await rm(join(disk, "ballast"));
      const deadline = performance.now() + 60_000;
      let after: number | undefined;
      while (after === undefined && performance.now() < deadline) {
        after = await post();
        if (after === undefined) await sleep(250);
      }
      assert.ok(after !== undefined, `it did not go on: ${node.output()}`);
      assert.ok(after > acknowledged, `${acknowledged} rows were acknowledged, ${after - 1} were there`);
      node.child.kill("SIGTERM");
      assert.equal(await node.ended, EXIT_CODES.OK, node.output());
    });
    if (!mounted) context.skip("no file system can be mounted here");
  });
});

/** Room for the programs, a cluster and its log, above what a node asks for when it starts. */
const DISK_MEBIBYTES = 420;

/** Takes what is left of a file system. */
async function fill(path: string, disk: string): Promise<void> {
  await using file = await open(path, "w");
  const block = Buffer.alloc(1024 * 1024);
  for (;;) {
    const { bavail, bsize } = await statfs(disk);
    if (bavail === 0) return;
    try {
      await file.write(block.subarray(0, Math.min(block.length, bavail * bsize)));
    } catch {
      return;
    }
  }
}
