import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startProcess } from "../harness/node-process.ts";

const folder = await mkdtemp(join(tmpdir(), "zhengtong-country-long-"));
after(() => rm(folder, { recursive: true, force: true }));

test("npm run country -- --check --json does all of it by itself, prints one JSON object and exits", async (context) => {
  const run = startProcess(["zhengtong.mjs", "country", "--check", "--json", "--out", folder]);
  let printed = "";
  run.child.stdout?.on("data", (chunk: string) => {
    printed += chunk;
  });
  assert.equal(await run.ended, 0, run.output());
  const said = JSON.parse(printed) as {
    readonly ok: boolean;
    readonly network: "namespaces" | "loopback";
    readonly apart?: { readonly out: readonly string[]; readonly in: readonly string[] };
    readonly pulled: readonly string[];
    readonly ferry: { readonly receipt: string };
    readonly foreign: { readonly status: number };
    readonly asked: { readonly request: number; readonly grant: number };
    readonly witnessed: { readonly by: string };
    readonly verified: readonly { readonly verdict: string }[];
  };
  assert.ok(said.ok);
  // Where the machine allows it the nodes have links of their own, and the intranet's none: it tried.
  context.diagnostic(/(?:Network: .*)/.exec(run.output())?.[0] ?? "");
  assert.equal(said.apart === undefined, said.network === "loopback");
  assert.ok([...(said.apart?.out ?? []), ...(said.apart?.in ?? [])].every((word) => word === "ENETUNREACH"));
  assert.deepEqual(said.pulled, ["yanshi-province", "qingyuan"]);
  assert.ok(said.asked.grant > said.asked.request, "a request of the county's official became a grant of the province");
  assert.match(said.witnessed.by, /^yanshi-city\/witness-\d+$/);
  assert.equal(said.ferry.receipt, "accepted");
  assert.equal(said.foreign.status, 200);
  assert.ok(said.verified.length > 10 && said.verified.every(({ verdict }) => verdict === "valid"));
});
