import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
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
});
