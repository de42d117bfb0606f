import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { isRefusal } from "#kernel/contract/refusal";
import type { System } from "#kernel/system/system";
import { ROOMS } from "../../src/node/rooms.ts";
import { type LicensingCounty, licensingCounty } from "../federation/licensing-county.ts";

const ROOT = join(import.meta.dirname, "../..");
let folder: string;
let county: LicensingCounty;

/** A checkout that shares everything with this one but what the guide writes. */
async function checkout(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), "zhengtong-guide-"));
  await mkdir(join(place, "src/systems"), { recursive: true });
  for (const name of ["package.json", "node_modules"]) await symlink(join(ROOT, name), join(place, name));
  for (const name of await readdir(join(ROOT, "src"))) {
    if (name !== "systems") await symlink(join(ROOT, "src", name), join(place, "src", name));
  }
  for (const name of await readdir(join(ROOT, "src/systems"))) {
    await symlink(join(ROOT, "src/systems", name), join(place, "src/systems", name));
  }
  return place;
}

before(async () => {
  folder = await checkout();
  const guide = await readFile(join(ROOT, "docs/guides/licensing-item.md"), "utf8");
  const blocks = [...guide.matchAll(/^```ts (\S+)\n([\s\S]*?)^```$/gm)];
  assert.ok(blocks.length >= 4, "the guide's files were found");
  for (const [, path = "", content = ""] of blocks) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const module = await import(pathToFileURL(join(folder, "src/systems/public-health/system.ts")).href);
  county = await licensingCounty({
    rooms: [...ROOMS, (module as { default: System }).default],
    item: { room: "public-health", service: "hygieneLicence" },
  });
});
after(async () => {
  await county?.close();
  await rm(folder, { recursive: true, force: true });
});

test("the guide's files pass the type check", async () => {
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { typeRoots: [join(ROOT, "node_modules/@types")] },
    include: [join(folder, "src/systems/public-health")],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const checked = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], {
    encoding: "utf8",
  });
  assert.equal(checked.status, 0, checked.stdout);
});

test("the guide's item goes from application to decision", async () => {
  const outcome = await county.submit(
    await county.draft({ place: "barber", premises: "清源县湖滨街道翠竹路27号", manager: "林晓竹" }),
  );
  assert.ok(!isRefusal(outcome), isRefusal(outcome) ? outcome.text.en : "");
  const { caseId } = outcome;
  const steps = [
    ["accept", "acceptance", { outcome: "accept", siteCheckNeeded: "no" }],
    ["inspector1", "examination", { outcome: "propose-grant" }],
    ["decider", "decision", { outcome: "grant" }],
  ] as const;
  for (const [signInName, element, form] of steps) {
    const done = await county.doTask(signInName, { caseId, element, form });
    assert.ok(!isRefusal(done), isRefusal(done) ? done.text.en : "");
  }
  const view = await county.until(caseId, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "licensed");
  const [row] = await county.node.site.kernel.database.query<{ count: number }>(
    "SELECT count(*) AS count FROM public_health.licence",
  );
  assert.equal(row?.count, 1);
});
