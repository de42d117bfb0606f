/** What government knows is offered instead of asked, on the pages of a whole node and without scripts. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type RawAnswer, RawClient } from "../adversarial/raw-client.ts";
import { type LicensingCounty, licensingCounty } from "../federation/licensing-county.ts";
import { daysAhead, licensingSteps } from "../federation/licensing-steps.ts";

let county: LicensingCounty;
const clients: RawClient[] = [];
before(async () => {
  county = await licensingCounty();
});
after(async () => {
  for (const client of clients) client.close();
  await county.close();
});
const { checked, done, licensed, sent } = licensingSteps(() => county);

async function signedIn(name: string): Promise<RawClient> {
  const client = new RawClient(county.node.address);
  clients.push(client);
  await client.signIn(name);
  return client;
}

async function firstScreen(client: RawClient, organization: string): Promise<RawAnswer> {
  const start = await client.send("/services/quality/foodBusinessLicence/start");
  const facts = await client.fill(start, /foodBusinessLicence\/start$/, { identity: organization });
  const draft = /\/drafts\/([0-9a-f-]{36})/.exec(facts.path)?.[1] ?? assert.fail(facts.path);
  return client.send(`/drafts/${draft}/form/1`);
}

test("For a change or renewal the applicant picks one of her own licences; whoever has none types the number", async () => {
  const number = await licensed();
  const owner = await signedIn("owner");
  const page = await firstScreen(owner, county.shop);
  const select = /<select[^>]*name="licenceNumber"[\s\S]*?<\/select>/.exec(page.text)?.[0] ?? "";
  assert.match(select, new RegExp(`value="${number}"`));
  assert.match(select, /翠竹路27号/, "she knows it again by its place");
  const given = { kind: "renewal", licenceNumber: number, onlyPrepackaged: "no", withinDivision: "yes" };
  const next = await owner.fill(page, /\/form\/1$/, given);
  assert.match(next.path, /\/form\/2$/);
  const again = await owner.send(page.path);
  assert.match(again.text, new RegExp(`value="${number}" selected`));
  const { cast } = (await import("../../src/node/demonstration/generate.ts")).generateCounty();
  const other = await firstScreen(await signedIn("company"), cast.company.key);
  assert.doesNotMatch(other.text, new RegExp(number), "another's licences are not offered");
});

test("The chair has date and place of the hearing on the page of its record, and an official who is lost finds back to work", async () => {
  const caseId = await checked();
  await done("inspector1", caseId, "examination", { outcome: "hearing", reasons: "涉及相邻业主的重大利益" });
  await sent(caseId, "hearingRequested", { note: "要求听证" });
  const place = "三楼听证室";
  const arranged = { heldOn: daysAhead(16), heldAt: "09:30", place, manner: "public", clerk: "李敏" };
  await done("hearing", caseId, "hearingArrangement", arranged);
  const view = await county.until(caseId, ({ openTasks }) => openTasks.some(({ element }) => element === "hearing"));
  const task = view.openTasks.find(({ element }) => element === "hearing");
  const chair = await signedIn("hearing");
  const page = await chair.send(`/workbench/cases/${caseId}/tasks/${task?.taskId}`);
  assert.equal(page.status, 200);
  assert.match(page.text, /三楼听证室/);
  assert.match(page.text, /09:30/);
  const lost = await chair.send("/workbench/nowhere");
  assert.equal(lost.status, 404);
  assert.match(lost.text, /href="\/workbench">Back to the workbench/);
  assert.match((await (await signedIn("owner")).send("/nowhere")).text, /href="\/">Go to the home page/);
});
