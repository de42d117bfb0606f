import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { testDatabase } from "#kernel/database/testing";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { CASE_SCRIPTS } from "../../src/node/demonstration/case-scripts.ts";
import { playCases } from "../../src/node/demonstration/cases.ts";
import { ensureDemonstration } from "../../src/node/demonstration/ensure.ts";
import { type ServingNode, startNode } from "../../src/node/serve.ts";

let node: ServingNode;
let folder: string;
let database: Awaited<ReturnType<typeof testDatabase>>;

before(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), "zhengtong-cases-"));
  const configuration = { host: "127.0.0.1", port: await freePort(), dataFolder: folder, logLevel: "warn" } as const;
  const about = { publicUrl: undefined, trustProxy: false, databaseUrl: database.url } as const;
  node = await startNode(
    { ...configuration, ...about },
    {
      ...{ report: () => undefined, demonstration: true },
      load: (site) => ensureDemonstration(site, () => undefined),
    },
  );
});

after(async () => {
  await node.stop();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function views() {
  const { kernel } = node.site;
  const rows = await kernel.database.query<{ case_id: string }>("SELECT case_id FROM service.application");
  const found = await Promise.all(rows.map(({ case_id }) => kernel.procedures.view(kernel.database, case_id)));
  return found.flatMap((view) => view ?? []);
}

async function states(): Promise<readonly string[]> {
  return (await views()).map((view) => view.outcome ?? view.at.join(" ")).sort();
}

/** The articles of the open pauses of the decision's clock, of the cases at an element. */
async function pausedAt(element: string): Promise<readonly string[]> {
  return (await views())
    .filter(({ at }) => at.includes(element))
    .flatMap(({ clocks }) => clocks.filter(({ id }) => id === "decision"))
    .flatMap(({ pauses }) => pauses.filter(({ to }) => to === undefined).map(({ article }) => article));
}

test("what its authorities share stands in the catalogue, with a grant, a request that lacks something and a correction", async () => {
  const { database } = node.site.kernel;
  const entries = await database.query<{ resource: string; sharing: string }>(
    "SELECT resource, sharing FROM catalogue.entry WHERE decision = 'released' ORDER BY resource",
  );
  assert.deepEqual(
    entries.map(({ resource, sharing }) => `${resource} ${sharing}`),
    [
      "legal-entities.findOrganizationForCase conditional",
      "legal-entities.organization conditional",
      "population.findPersonForCase conditional",
      "population.nameOf unconditional",
      "population.person conditional",
    ],
  );
  const matters = await database.query<{ kind: string; state: string }>(
    "SELECT kind, state FROM catalogue.matter ORDER BY number",
  );
  assert.deepEqual(
    matters.map(({ kind, state }) => `${kind} ${state}`),
    ["request consented", "grant active", "correction filed", "request incomplete"],
  );
});

test("the county has cases in every state, played once however often the node is killed and started", async () => {
  const interrupted = new AbortController();
  const playing = playCases(node.site, { signal: interrupted.signal });
  setTimeout(() => interrupted.abort(), 1_500);
  assert.equal(await playing, undefined, "a start that is told to stop does not finish");
  const { signal } = new AbortController();
  const outcome = await playCases(node.site, { signal });
  assert.deepEqual(outcome, { played: CASE_SCRIPTS.length, failed: [] });
  const found = await states();
  assert.equal(found.length, CASE_SCRIPTS.length, "no case twice");
  for (const state of [
    ...["acceptance", "supplementWait", "siteCheck", "siteCheckConfirm", "rectificationWait", "examination"],
    ...["examination extension", "hearingWait", "hearingArrangement", "hearing", "specialProcedure", "decision"],
    ...["licensed", "notLicensed", "withdrawn", "notOurRemit", "notAccepted", "lapsed"],
  ]) {
    assert.ok(found.includes(state), `${state}: ${found.join(", ")}`);
  }
  const [use] = await node.site.kernel.database.query<{ answered: number; other: number }>(
    `SELECT count(*) FILTER (WHERE outcome = 'answered') AS answered, count(*) FILTER (WHERE outcome <> 'answered') AS other
       FROM catalogue.use WHERE system = 'quality'`,
  );
  assert.ok(use && use.answered >= CASE_SCRIPTS.length && use.other === 0, "persons are looked up by the grant");
  assert.deepEqual(await pausedAt("hearing"), ["行政许可法第四十五条"], "the clock stands while a hearing is arranged");
  assert.deepEqual(await pausedAt("specialProcedure"), ["行政许可法第四十五条"], "and while a test runs");
  const inPart = (await views()).filter(({ variables }) => variables["decision"] === "partial");
  assert.deepEqual(
    inPart.map(({ outcome, variables }) => [outcome, variables["scope"]]),
    [["licensed", ["热食类食品制售"]]],
    "a licence for a part of what was applied for",
  );
  assert.equal(await playCases(node.site, { signal }), undefined, "a later start finds them there");
  const { kernel } = node.site;
  await kernel.ledger.sequenceNow();
  assert.deepEqual((await kernel.ledger.verify()).findings, []);
});
