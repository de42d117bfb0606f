import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { catalogue } from "#infrastructure/catalogue";
import { directory } from "#infrastructure/directory";
import type { PostRef, Principal } from "#kernel/system/act";
import catalogueRoom from "../../src/infrastructure/catalogue/system.ts";
import { datasets, PUBLISH, RECEIVE } from "../../src/infrastructure/datasets/contract.ts";
import { tendPublications } from "../../src/infrastructure/datasets/tending.ts";
import directoryRoom from "../../src/infrastructure/directory/system.ts";
import {
  BASIS,
  bothSides,
  type DataSetNodes,
  dataSetNodes,
  official,
  REGISTER,
  resident,
  tend,
  write,
} from "../harness/data-set-nodes.ts";
import { answered, refused } from "../rooms/answers.ts";

/** A register that its steward's catalogue shares by attribute, and a node that has a grant to keep a copy of it. */

const words = "依职责提出";
const both = (name: string) => ({ zh: name, en: name });

describe("a copy that rests on a grant of the catalogue", () => {
  let nodes: DataSetNodes;
  const keepers: Record<string, string> = {};
  const keys: string[] = [];
  let officials: Record<"requester" | "steward" | "second" | "reviewer", Principal>;
  let grant = 0;
  let copy = 0;

  const catalogueAs = (who: keyof typeof officials) =>
    nodes.source.as(catalogue, officials[who], { purpose: "administration" });
  const receiver = () => nodes.receiver.as(datasets, official(RECEIVE));
  const source = () => nodes.source.as(datasets, official(PUBLISH));
  const view = async () => {
    const { items } = answered(await receiver().listCopies({}));
    const found = items.find(({ id }) => id === copy);
    assert.ok(found);
    return found;
  };
  const follower = async () => {
    const { items } = answered(await source().listPublications({}));
    return items.find(({ register }) => register === REGISTER)?.followers.find((one) => one.grant === grant);
  };
  const look = (key: string, purpose: "register-keeping" | "supervision" = "register-keeping") =>
    nodes.receiver.as(datasets, official(RECEIVE), { purpose, legalBasis: BASIS }).lookUp({ id: copy, by: { key } });
  const used = async () => answered(await catalogueAs("steward").usesOfGrant({ number: grant }));

  /** Asks for some attributes, and is granted them. */
  async function granted(about: { readonly perDay?: number; readonly attributes?: readonly string[] } = {}) {
    const { perDay = 100_000, attributes = ["name", "number", "division"] } = about;
    const content = {
      ...{
        attributes: [...attributes],
        purpose: "建立居民信息副本，用于核对",
        purposes: ["register-keeping" as const],
      },
      ...{
        law: "统计法",
        article: "第十六条",
        perDay,
        total: 200_000,
        until: "2027-06-30",
        systems: ["node:province"],
      },
      noOnwardUse: true as const,
    };
    const { number } = answered(await catalogueAs("requester").requestData({ resource: REGISTER, content }));
    return answered(await catalogueAs("steward").consentRequest({ number, words })).grant;
  }

  before(async () => {
    nodes = await dataSetNodes({
      systems: [directoryRoom, catalogueRoom],
      authorityOf: (room) => keepers[room] ?? keepers["*"] ?? "",
    });
    const doors = nodes.source.as(directory, { kind: "node", room: "test" }, { purpose: "administration" });
    const authority = async (code: string, division: string, parent?: string) =>
      answered(
        await doors.createAuthority({
          ...{ code, name: both(code), division, ...(parent && { parent }), kind: "other", address: "县前街1号" },
          ...{ phone: "0999-990-0001", reconsideration: both("复议机关"), court: both("法院") },
        }),
      ).id;
    const city = await authority("9901-zf", "9901");
    const government = await authority("990101-zf", "990101", city);
    const publicSecurity = await authority("990101-ga", "990101", government);
    const statistics = await authority("990101-tj", "990101", government);
    const dataOffice = await authority("990101-sjj", "990101", government);
    Object.assign(keepers, { "*": government, residents: publicSecurity });
    const at = async (of: string, ...duties: readonly string[]): Promise<Principal> => {
      const { id } = answered(
        await doors.createPost({ authority: of, title: both(duties.join(" ")), duties: [...duties] }),
      );
      const post: PostRef = answered(await doors.findPost({ id }));
      return { kind: "official", id: nodes.source.kernel.newId(), post, assurance: 2 };
    };
    await at(dataOffice, "catalogue.read", "catalogue.coordinate");
    officials = {
      requester: await at(statistics, "catalogue.read", "catalogue.request"),
      steward: await at(publicSecurity, "catalogue.read", "catalogue.steward"),
      second: await at(publicSecurity, "catalogue.read", "catalogue.steward"),
      reviewer: await at(publicSecurity, "catalogue.read", "catalogue.review"),
    };
    await release();
    for (let each = 0; each < 5; each++) keys.push(await write(nodes, (handle) => handle.put(resident())));
  });
  after(() => nodes.close());

  async function release(but: Record<string, object> = {}): Promise<void> {
    const { attributes } = answered(await catalogueAs("steward").findResource({ resource: REGISTER }));
    const shared = attributes.map(({ name }) => ({
      name,
      ...(but[name] ??
        (name === "address"
          ? { sharing: "none", law: { law: "个人信息保护法", article: "第二十八条" } }
          : { sharing: "conditional", condition: "履行法定职责" })),
    }));
    const description = {
      ...{ class: "301001", abstract: both("居民登记"), attributes: shared, updateCycle: "daily", open: true },
      contact: "户籍管理岗",
    } as Parameters<ReturnType<typeof catalogueAs>["describeResource"]>[0]["description"];
    const { number } = answered(await catalogueAs("second").describeResource({ resource: REGISTER, description }));
    answered(await catalogueAs("reviewer").reviewEntry({ number, decision: "released", reason: "不涉密" }));
  }

  test("what was granted and does not flow yet is shown where it has to be published", async () => {
    grant = await granted();
    const { awaited } = answered(await source().listPublications({}));
    assert.deepEqual(
      awaited.map(({ register, node, grant: number }) => [register, node, number]),
      [[REGISTER, "province", grant]],
    );
    copy = answered(await receiver().subscribeByGrant({ register: REGISTER, node: "county", grant })).id;
    assert.equal(await tend(nodes, copy), "preparing");
    answered(await source().publish({ register: REGISTER }));
    await tendPublications(nodes.source.kernel);
    assert.deepEqual(answered(await source().listPublications({})).awaited, []);
  });

  test("has the attributes that were granted and no others, and counts what it got", async () => {
    assert.equal(await tend(nodes, copy), undefined);
    const { state, attributes, grant: by, entries } = await view();
    assert.deepEqual([state, entries, attributes, by?.number], ["current", 5, ["name", "number", "division"], grant]);
    const [entry] = answered(await look(keys[0] ?? "")).entries;
    assert.deepEqual(Object.keys(entry?.value ?? {}).sort(), ["division", "name", "number"]);
    const { standing, items } = await used();
    assert.equal(standing.used, 5);
    assert.deepEqual(
      items.map(({ system, operation, amount, outcome, subjects }) => [system, operation, amount, outcome, subjects]),
      [["node:province", "datasets.fetchPage", 5, "answered", 5]],
    );
    assert.equal((await follower())?.refused, undefined);
  });

  test("sums are the same on both sides, also after a change in what it may not see", async () => {
    await write(nodes, (handle) => handle.put(resident({ note: "迁入" }), { key: keys[0] ?? "" }));
    await write(nodes, (handle) => handle.correct(keys[1] ?? "", resident({ address: "清源县桂花巷8号" })));
    await write(nodes, (handle) => handle.retire(keys[2] ?? ""));
    assert.equal(await tend(nodes, copy), undefined);
    const { there, here } = await bothSides(nodes, copy);
    assert.deepEqual(here, there);
    await receiver().reconcileCopy({ id: copy, thorough: true });
    assert.equal(await tend(nodes, copy), undefined);
    assert.deepEqual((await view()).reconciled, { missing: 0, surplus: 0 });
    const [row] = await nodes.receiver.kernel.database.query<{ text: string }>(
      "SELECT string_agg(v::text, ' ') AS text FROM datasets.version v WHERE copy = $1",
      [copy],
    );
    assert.ok(row && !row.text.includes("桂花巷") && !row.text.includes("迁入"));
  });

  test("is looked into for the purposes of the grant alone", async () => {
    answered(await look(keys[0] ?? ""));
    refused(await look(keys[0] ?? "", "supervision"), "other-purpose");
  });

  test("a suspension for misuse stops it with the next question, and what it holds is not used; both sides see why", async () => {
    answered(await catalogueAs("steward").suspendGrant({ number: grant, words: "用于核对以外的目的" }));
    assert.equal(await tend(nodes, copy), "grant-suspended");
    const { trouble, barred } = await view();
    assert.deepEqual([trouble, barred], ["grant-suspended", "grant-suspended"]);
    assert.equal((await follower())?.refused, "grant-suspended");
    refused(await look(keys[0] ?? ""), "not-granted");
    nodes.wire.between = () => {
      throw new Error("the source is away");
    };
    await assert.rejects(tend(nodes, copy), "a source that is away opens nothing");
    refused(await look(keys[0] ?? ""), "not-granted");
    nodes.wire.between = undefined;
    answered(await catalogueAs("second").resumeGrant({ number: grant, words }));
    assert.equal(await tend(nodes, copy), undefined);
    answered(await look(keys[0] ?? ""));
    assert.equal((await follower())?.refused, undefined);
  });

  test("what by law is not shared any more stops it", async () => {
    await release({ number: { sharing: "none", law: { law: "居民身份证法", article: "第十九条" } } });
    assert.equal(await tend(nodes, copy), "grant-not-shared");
    refused(await look(keys[0] ?? ""), "not-granted");
    await release();
    assert.equal(await tend(nodes, copy), undefined);
  });

  test("a quota that is used up stops it until there is some again; what it holds can be used", async () => {
    answered(await catalogueAs("requester").giveUpGrant({ number: grant, words }));
    assert.equal(await tend(nodes, copy), "grant-ended");
    refused(await look(keys[0] ?? ""), "not-granted");
    answered(await receiver().endCopy({ id: copy }));
    grant = await granted({ perDay: 4, attributes: ["name", "note"] });
    copy = answered(await receiver().subscribeByGrant({ register: REGISTER, node: "county", grant })).id;
    assert.equal(await tend(nodes, copy), "grant-spent");
    const first = (await view()).entries;
    assert.ok(first === 3 || first === 4, "as many as were left; versions of one entry come together");
    assert.equal((await used()).standing.usedToday, first);
    assert.equal((await follower())?.refused, "grant-spent");
    const now = nodes.source.kernel.now();
    try {
      for (const node of [nodes.source, nodes.receiver]) node.setNow("2026-11-19T02:00:00.000Z");
      assert.equal(await tend(nodes, copy), undefined, "the next day the rest");
      const { state, barred, entries } = await view();
      assert.deepEqual([state, barred, entries], ["current", undefined, 6]);
      await write(nodes, (handle) => handle.put(resident()));
      await write(nodes, (handle) => handle.put(resident()));
      await write(nodes, (handle) => handle.put(resident()));
      assert.equal(await tend(nodes, copy), "grant-spent");
      assert.equal((await used()).standing.usedToday, 4);
      answered(await look(keys[0] ?? ""));
    } finally {
      for (const node of [nodes.source, nodes.receiver]) node.setNow(now);
    }
  });

  test("ends with the grant's last day, also where nobody can be asked", async () => {
    const now = nodes.source.kernel.now();
    try {
      for (const node of [nodes.source, nodes.receiver]) node.setNow("2027-06-30T16:00:00.000Z");
      refused(await look(keys[0] ?? ""), "not-granted");
      assert.equal(await tend(nodes, copy), "grant-expired");
    } finally {
      for (const node of [nodes.source, nodes.receiver]) node.setNow(now);
    }
  });

  test("is given to nobody whom the grant does not name, and tells him nothing of it", async () => {
    const other = await granted();
    const ask = (node: string, about: object) =>
      nodes.source.kernel.perform(
        {
          ...nodes.source.act({ kind: "node", room: "datasets" }, { purpose: "register-keeping", legalBasis: BASIS }),
          origin: { node },
        },
        { room: "datasets", operation: "describe", input: { register: REGISTER, ...about } },
      );
    answered(await ask("province", { grant: other }));
    refused(await ask("city", { grant: other }), "no-grant");
    refused(await ask("province", { grant: 999_999 }), "no-grant");
    refused(await ask("province", {}), "not-agreed");
  });

  test("without a grant, a law gives to a node above or below alone, and the agreement says which", async () => {
    const agreed = { register: REGISTER, division: "", attributes: ["name"], basis: BASIS, endsOn: "2027-12-31" };
    refused(await source().offer({ ...agreed, node: "beside" }), "not-in-line");
    answered(await source().offer({ ...agreed, node: "centre" }));
    const { items } = answered(await source().listPublications({}));
    assert.deepEqual(
      items[0]?.offers[0]?.basis,
      BASIS.map((one) => ({ ...one })),
    );
  });
});
