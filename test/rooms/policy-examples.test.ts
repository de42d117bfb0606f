import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPolicies } from "#kernel/access/policy-sources";
import { ROOMS } from "../../src/node/rooms.ts";
import { EXAMPLE_SOURCES } from "../../src/workbench/pages/access-propose.ts";

test("the examples that administrators are shown are policies that can be proposed", async () => {
  const sources = EXAMPLE_SOURCES.split("\n\n").map((source, at) => [`example.${at}`, source] as const);
  assert.ok(sources.length >= 4);
  const contracts = ROOMS.map(({ contract }) => contract);
  assert.deepEqual((await checkPolicies(contracts, Object.fromEntries(sources))).problems, []);
});
