import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());

interface Found {
  readonly items: readonly { readonly room: string; readonly service: string; readonly limits: object }[];
}

function ask(operation: string, input: object): Promise<Response> {
  const url = `${county.node.address}/api/items/v1/${operation}?input=${encodeURIComponent(JSON.stringify(input))}`;
  return fetch(url, { headers: { "zhengtong-purpose": "public-information" } });
}

async function found(input: object): Promise<readonly string[]> {
  const answer = await ask("searchItems", input);
  assert.equal(answer.status, 200);
  return ((await answer.json()) as Found).items.map(({ room, service }) => `${room}.${service}`);
}

const LICENCE = "quality.foodBusinessLicence";

test("anyone asks the catalogue over the derived API, in Chinese, English or pinyin", async () => {
  for (const query of ["我想开个小吃店", "snack shop", "xiaochidian"])
    assert.deepEqual(await found({ query }), [LICENCE]);
  assert.deepEqual(await found({ query: "驾驶证" }), []);
  const { systems } = county.node.site.kernel;
  const all = [...systems.values()].flatMap(({ contract }) =>
    Object.keys(contract.services).map((name) => `${contract.id}.${name}`),
  );
  assert.deepEqual(await found({}), all);
  assert.ok(!(await found({ applicant: "person" })).includes(LICENCE));
  assert.equal((await ask("searchItems", { query: "长".repeat(101) })).status, 422);
});

test("the guide says what the contract says; what is not there is refused", async () => {
  const guide = (await (await ask("findItem", { room: "quality", service: "foodBusinessLicence" })).json()) as {
    readonly limits: { readonly promisedDays: number };
    readonly materials: readonly { readonly name: string; readonly required: boolean }[];
    readonly known: readonly { readonly title: { readonly zh: string } }[];
  };
  assert.equal(guide.limits.promisedDays, 5);
  assert.deepEqual(
    guide.materials.map(({ name, required }) => [name, required]),
    [
      ["floorPlan", true],
      ["rules", false],
    ],
  );
  assert.ok(guide.known.some(({ title }) => title.zh === "统一社会信用代码"));
  const missing = await ask("findItem", { room: "quality", service: "toString" });
  assert.equal(((await missing.json()) as { code: string }).code, "not-found");
});

test("the portal finds with it", async () => {
  const page = async (query: string) =>
    (await fetch(`${county.node.address}/services?q=${encodeURIComponent(query)}`)).text();
  assert.match(await page("naicha"), /找到 1 个事项/);
  assert.match(await page("驾驶证"), /没有找到/);
});
