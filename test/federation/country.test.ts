import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { compareRecords, countRegisters } from "../../src/node/country/check.ts";
import { Country } from "../../src/node/country/country.ts";
import { CENTRE, CITY, COUNTY, PROVINCE } from "../../src/node/country/plan.ts";
import { loopbackWires } from "../../src/node/country/wires.ts";
import { walkJourney } from "../../src/node/demo/journey.ts";
import { stepTaker } from "../../src/node/demo/progress.ts";

/** The licence of the foundation across processes: what the county's code asks comes from the province and the city. The whole: test/long. */

const { step } = stepTaker(() => undefined);
const log: string[] = [];
const folder = await mkdtemp(join(tmpdir(), "zhengtong-country-test-"));
const country = await Country.start({
  step,
  onLog: (line) => log.push(line),
  withIntranet: false,
  wires: loopbackWires(),
});
after(async () => {
  await country.stop();
  await rm(folder, { recursive: true, force: true });
});

test("a licence crosses three nodes, the caller's code unchanged, and both sides can prove each call", async () => {
  const options = { country, folder, step };
  await countRegisters(options);
  const { password } = country.facts(COUNTY.code);
  const address = country.node(COUNTY.code).address;
  const outcome = await walkJourney({ address, password, step, nameOf: (name) => name });
  assert.match(outcome.licenceNumber, /^JY299/);
  for (const { acts, verified } of Object.values(await compareRecords(options))) assert.ok(acts > 0 && verified > 0);
});

test("every node names in the directory the root below which its authorities' seals stand", async () => {
  const centre = country.node(CENTRE.code).address;
  const json = async (path: string) => (await fetch(`${centre}${path}`)).json() as Promise<unknown>;
  const { parts } = (await json("/directory/heads")) as { parts: { division: string; version: number }[] };
  for (const { code, division } of [CENTRE, PROVINCE, CITY, COUNTY]) {
    const root = await (await fetch(`${country.node(code).address}/trust/ca/root.cer`)).bytes();
    const version = parts.find((part) => part.division === division)?.version;
    const { document } = (await json(`/directory/parts/${division}/${version}`)) as { document: string };
    const { anchors } = JSON.parse(document) as { anchors: { division: string; certificate: string }[] };
    assert.deepEqual(
      anchors.map((anchor) => [anchor.division, anchor.certificate]),
      [[division, Buffer.from(root).toString("base64")]],
      code,
    );
  }
});
