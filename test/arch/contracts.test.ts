import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { compileAccess } from "#kernel/access/access";
import { principalTypes } from "#kernel/access/action";
import { derivedPolicyProblems } from "#kernel/access/policy-sources";
import type { Contract } from "#kernel/contract/contract";
import { answersWithRows } from "#kernel/contract/listing";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { openApi } from "#kernel/derived/open-api";
import { breakingChanges, staleFiles } from "#kernel/derived/write-contracts";
import { contractProblems } from "#kernel/system/contract-problems";
import { problemLines } from "#kernel/system/validate";
import type { FieldDescriptor } from "#ui/form/descriptor";

const ROOT = join(import.meta.dirname, "../..");

/** Every contract in the house, found by its place. */
async function contractsOf(): Promise<readonly Contract[]> {
  const paths = await Array.fromAsync(glob("src/*/*/contract.ts", { cwd: ROOT }));
  const found: Contract[] = [];
  for (const path of paths.filter((one) => !one.startsWith("src/kernel/")).sort()) {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(ROOT, path)).href);
    const contracts = Object.values(module).filter(isContract);
    assert.equal(contracts.length, 1, `${path} exports one contract`);
    found.push(...contracts);
  }
  return found;
}

function isContract(value: unknown): value is Contract {
  return (
    typeof value === "object" && value !== null && "steward" in value && "operations" in value && "version" in value
  );
}

/** Who has something of his own. */
const OWNERS: ReadonlySet<string> = new Set(["person", "organization", "official"]);

describe("the contracts of the house", () => {
  let contracts: readonly Contract[];
  before(async () => {
    contracts = await contractsOf();
    assert.notEqual(contracts.length, 0, "no contract was found");
  });

  test("promise nothing that is wrong: every text in both languages, every official operation with its duty", () => {
    assert.equal(problemLines(contracts.flatMap(contractProblems)), "");
  });

  test("filter every list by policies, or say why they do not", () => {
    const lists = contracts.flatMap(({ id, operations }) =>
      Object.entries(operations).flatMap(([name, operation]) =>
        operation.kind === "query" && !operation.audience.includes("public") && answersWithRows(operation.output)
          ? [{ id: `${id}.${name}`, operation }]
          : [],
      ),
    );
    assert.ok(lists.length > 50, "the lists of the house were found");
    const silent = lists.filter(
      ({ operation: { lists: rows, unfiltered } }) => rows === undefined && unfiltered === undefined,
    );
    assert.deepEqual(
      silent.map(({ id }) => id),
      [],
      "each names the register or the rows that it lists (`lists`), or why policies leave none out (`unfiltered`)",
    );
    for (const { id, operation } of lists) {
      const isOwn = operation.unfiltered === "own" && !operation.audience.some((one) => OWNERS.has(one));
      assert.ok(!isOwn, `${id}: what it lists is nobody's own`);
    }
  });

  test("ask for a proof of its own for each signature of an applicant, and for one within the hour of an official", () => {
    const items = contracts.flatMap(({ services }) => Object.values(services));
    const procedures = new Set(items.map(({ procedure }) => procedure));
    for (const { assurance, title } of items) {
      assert.ok(assurance === undefined || assurance.once, `${title.en}: whoever applies signs seldom (decision 0020)`);
    }
    const tasks = [...procedures].flatMap((one) => Object.values(one.tasks)).filter(({ signed }) => signed);
    assert.ok(items.length > 0 && tasks.length > 0, "signatures were found");
    for (const { assurance, title } of tasks) {
      const within = assurance?.withinMinutes ?? Number.POSITIVE_INFINITY;
      assert.ok(
        assurance === undefined || assurance.once || within <= 60,
        `${title.en}: a proof releases an hour of signatures at most`,
      );
    }
  });

  test("have ids that are their folders' names", async () => {
    const folders = (await Array.fromAsync(glob("src/*/*/contract.ts", { cwd: ROOT })))
      .filter((path) => !path.startsWith("src/kernel/"))
      .map((path) => path.replaceAll("\\", "/").split("/")[2] ?? "");
    assert.deepEqual(contracts.map(({ id }) => id).sort(), folders.sort());
  });

  test("compile to access policies that Cedar accepts; no action is open to nobody", async () => {
    assert.deepEqual(await derivedPolicyProblems(contracts), []);
    const access = compileAccess({ contracts });
    assert.deepEqual(
      access.actions.filter((action) => principalTypes(action).length === 0).map(({ id }) => id),
      [],
    );
  });

  test("describe their API with ids that are unique", () => {
    const api = openApi(contracts, { publicUrl: "https://example.test" });
    const ids = [...JSON.stringify(api).matchAll(/"operationId":"([^"]+)"/g)].map((match) => match[1]);
    assert.notEqual(ids.length, 0);
    assert.equal(new Set(ids).size, ids.length);
  });

  test("give forms that the pages can draw", () => {
    const forms = contracts.flatMap(({ services }) => Object.values(services).map(({ form }) => form));
    // The kernel may not import the pages' type: that both say the same is checked here, by the compiler.
    const fields: readonly FieldDescriptor[] = forms.flatMap((form) => formDescriptors(form));
    for (const field of fields) assert.ok(field.title.zh && field.title.en, field.name);
  });

  test("are what contracts/ and docs/reference/ say: run `npx zhengtong contracts` after a change", async () => {
    assert.deepEqual(await staleFiles({ contracts, folder: ROOT }), []);
  });

  test("break nothing of the last release", async (t) => {
    const found = await breakingChanges({ contracts, folder: ROOT });
    if (found === undefined) return t.skip("there is no release yet: contracts/released does not exist");
    assert.equal(problemLines(found), "");
  });
});
