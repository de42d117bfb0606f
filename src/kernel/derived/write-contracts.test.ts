import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { text } from "#lib/language/text";
import { kiosk } from "../access/sample-contract.ts";
import { defineContract } from "../contract/contract.ts";
import { contractDocument } from "./contract-document.ts";
import { breakingChanges, staleFiles, writeContracts } from "./write-contracts.ts";

const title = text("另一个", "Another");
const other = defineContract({ id: "other", version: "1.0", title, steward: title });

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-contracts-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("what is written is not stale; what changes, appears or is left over, is", () =>
  inFolder(async (folder) => {
    const both = { contracts: [kiosk, other], folder };
    const written = await writeContracts(both);
    assert.ok(written.includes("contracts/kiosk.json"));
    assert.ok(written.includes("docs/reference/rooms/other.md"));
    assert.deepEqual(await staleFiles(both), []);

    await writeFile(join(folder, "contracts/kiosk.json"), "{}");
    assert.deepEqual(await staleFiles(both), ["contracts/kiosk.json"]);
    await writeContracts(both);

    const alone = { contracts: [kiosk], folder };
    const left = await staleFiles(alone);
    assert.ok(left.includes("contracts/other.json"));
    assert.ok(left.includes("docs/reference/rooms/other.md"));
    await writeContracts(alone);
    assert.deepEqual(await staleFiles(alone), []);
  }));

test("the reference names every operation, refusal and forbid", () =>
  inFolder(async (folder) => {
    await writeContracts({ contracts: [kiosk], folder });
    const page = (name: string) => readFile(join(folder, "docs/reference", name), "utf8");
    const room = await page("rooms/kiosk.md");
    for (const name of Object.keys(kiosk.operations)) assert.match(room, new RegExp(`### ${name}: `));
    assert.match(room, /敏感 sensitive/);
    assert.match(await page("refusals.md"), /`not-found`.*没有这个经营者/);
    assert.match(await page("access.md"), /kernel\.auditor-never-writes.*审计岗位只读/);
  }));

test("the contracts are held against the last release, if there was one", () =>
  inFolder(async (folder) => {
    const now = { contracts: [kiosk], folder };
    assert.equal(await breakingChanges(now), undefined);
    await mkdir(join(folder, "contracts/released"), { recursive: true });
    await writeFile(join(folder, "contracts/released/kiosk.json"), JSON.stringify(contractDocument(kiosk)));
    assert.deepEqual(await breakingChanges(now), []);
    await cp(join(folder, "contracts/released/kiosk.json"), join(folder, "contracts/released/gone.json"));
    await writeFile(
      join(folder, "contracts/released/gone.json"),
      JSON.stringify({ ...contractDocument(kiosk), id: "gone" }),
    );
    assert.deepEqual(await breakingChanges(now), [{ where: "gone", message: "the room was removed" }]);
  }));
