import assert from "node:assert/strict";
import { after, test } from "node:test";
import { answered } from "./answers.ts";
import { edgeCounty } from "./edge-county.ts";
import { askedFor } from "./sharing-county.ts";

/** What a foreign system may call follows from a grant of the catalogue, and ends with it. */

const county = await edgeCounty();
after(county.close);
const { as, market, publicSecurity, client, person } = county;
const RESOURCE = "population.findPersonForCase";
const SERVICE = "ZT/GOV/990101-ga/population/v1";
const requester = await county.official(market, "catalogue.read", "catalogue.request");
const steward = await county.official(publicSecurity, "catalogue.read", "catalogue.steward");
const second = await county.official(publicSecurity, "catalogue.read", "catalogue.steward");
const reviewer = await county.official(publicSecurity, "catalogue.read", "catalogue.review");
await county.official(county.dataOffice, "catalogue.read", "catalogue.coordinate");
await county.release({ resource: RESOURCE, sharing: "conditional", steward: second, reviewer });

const words = "依职责提出";
const look = async () => {
  await county.refresh();
  await county.lookAgain();
};
const find = () =>
  county.call(`/r1/${SERVICE}/findPersonForCase`, {
    ...{ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id: person }) },
  });
const allowed = async (): Promise<readonly string[]> => {
  const { body } = await county.call(`/r1/ZT/GOV/990101-ga/population/allowedMethods`);
  const services: { endpoint_list: { path: string }[] }[] = JSON.parse(body).service ?? [];
  return services.flatMap(({ endpoint_list: endpoints }) => endpoints.map(({ path }) => path));
};
const error = ({ headers }: Awaited<ReturnType<typeof find>>) => headers["x-road-error"];

test("a grant opens what it names to the system that it names, for its purpose, without what it does not name", async () => {
  await look();
  assert.equal(error(await find()), "Server.ServerProxy.AccessDenied");
  assert.deepEqual(await allowed(), []);
  const attributes = askedFor(RESOURCE).attributes.filter((name) => name !== "mobile");
  const content = { ...askedFor(RESOURCE), attributes, systems: [`client:${client}@local`] };
  const { number } = answered(await as(requester).requestData({ resource: RESOURCE, content }));
  const { grant } = answered(await as(steward).consentRequest({ number, words }));
  await look();
  assert.deepEqual([...new Set(await allowed())], ["/findPersonForCase"]);
  const answer = await find();
  assert.equal(answer.status, 200, answer.body);
  const found = JSON.parse(answer.body);
  assert.deepEqual([found.name, "mobile" in found], ["许昇", false]);
  const { standing, items } = answered(await as(steward).usesOfGrant({ number: grant }));
  assert.equal(standing.used, 1);
  assert.deepEqual(
    items.map(({ system, purpose, outcome }) => [system, purpose, outcome]),
    [[`client:${client}@local`, "case", "answered"]],
  );
  const { records } = await county.node.kernel.ledger.bySubject({ kind: "person", id: person }, { limit: 5 });
  assert.ok(records[0]?.content?.policies?.includes(`grant.${grant}`), "the entry says by which grant");
  // At once, also before the edge has heard of it.
  answered(await as(steward).suspendGrant({ number: grant, words }));
  assert.notEqual((await find()).status, 200);
  await look();
  assert.equal(error(await find()), "Server.ServerProxy.AccessDenied");
  assert.deepEqual(await allowed(), []);
  answered(await as(second).resumeGrant({ number: grant, words }));
  await look();
  assert.equal((await find()).status, 200);
  answered(await as(requester).giveUpGrant({ number: grant, words }));
  await look();
  assert.equal(error(await find()), "Server.ServerProxy.AccessDenied");
});
