import assert from "node:assert/strict";
import { after, test } from "node:test";
import { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import type { PostRef, Principal } from "#kernel/system/act";
import { directoryPosts } from "../../src/infrastructure/directory/ports.ts";
import { answered, refused } from "./answers.ts";
import { countyNode } from "./county-node.ts";

const node = await countyNode();
after(node.close);
node.setNow("2026-03-02T02:00:00Z");

const asNode: Principal = { kind: "node", room: "test" };
const rooms = node.as(directory, asNode, { purpose: "administration" });
const market = answered(await rooms.findAuthority({ code: "990101-scjg" }));

/** An official as he acts in his first post. */
async function official(signInName: string): Promise<Principal> {
  const id = node.county.offices.bySignInName.get(signInName) ?? "";
  const [post] = answered(await rooms.postsOf({ official: id })).items;
  assert.ok(post);
  return { kind: "official", id, post: post as PostRef, assurance: 1 };
}

test("An authority is found by its key and by its code, with its remedies; another is not", async () => {
  const again = answered(await rooms.findAuthority({ id: market.id }));
  assert.equal(again.name.zh, "清源县市场监督管理局");
  assert.equal(again.reconsideration.zh, "清源县人民政府");
  assert.equal(again.court.zh, "清源县人民法院");
  refused(await rooms.findAuthority({ code: "990101-none" }), "not-found");
  refused(await rooms.findAuthority({ id: node.county.persons[0]?.key ?? "" }), "not-found");
});

test("The competent organ of a division is listed, and anyone may ask", async () => {
  const visitor = node.as(directory, { kind: "public" }, { purpose: "public-information" });
  const found = answered(await visitor.listAuthorities({ division: "990101", kind: "market-regulation" }));
  assert.deepEqual(
    found.items.map(({ code }) => code),
    ["990101-scjg"],
  );
  assert.equal(answered(await visitor.listAuthorities({})).items.length, 5);
});

test("Divisions: the real ones by reference, the invented ones by register, each with its path", async () => {
  const town = answered(await rooms.findDivision({ code: "990101002" }));
  assert.deepEqual(town.path, ["演示省", "演示市", "清源县", "湖滨街道"]);
  assert.deepEqual(answered(await rooms.findDivision({ code: "330106" })).path, ["浙江省", "杭州市", "西湖区"]);
  assert.equal(answered(await rooms.divisions({})).items.length, 35);
  assert.equal(answered(await rooms.divisions({ parent: "990101" })).items.length, 6);
  refused(await rooms.findDivision({ code: "98" }), "not-found");
  refused(await rooms.createDivision({ code: "330106", name: "再来一个" }), "exists");
});

test("Nobody but an administrator changes the directory", async () => {
  const stranger = node.as(directory, { kind: "person", id: node.holder("owner"), assurance: 1 });
  const clerk = node.as(directory, await official("accept"), { purpose: "administration" });
  const post = { title: { zh: "新岗", en: "New" }, authority: market.id, duties: [] };
  refused(await stranger.createPost(post), "denied");
  refused(await clerk.createPost(post), "denied");
  const administrator = node.as(directory, await official("admin"), { purpose: "administration" });
  const { id } = answered(await administrator.createPost(post));
  assert.deepEqual(answered(await rooms.findPost({ id })).duties, ["directory.delegate"]);
  const audit = answered(await administrator.createPost({ ...post, duties: ["audit.read"] }));
  assert.deepEqual(answered(await rooms.findPost({ id: audit.id })).duties, ["audit.read"]);
});

test("A code is given once, also when two ask at the same time", async () => {
  const { id: _, ...facts } = market;
  refused(await rooms.createAuthority(facts), "exists");
  const answers = await Promise.all([1, 2].map(() => rooms.createAuthority({ ...facts, code: "990101-twin" })));
  assert.equal(answers.filter((answer) => isRefusal(answer)).length, 1);
});

test("An appointment begins and ends with its days, by itself", async () => {
  const { id: post } = answered(
    await rooms.createPost({ title: { zh: "轮岗", en: "Rota" }, authority: market.id, duties: ["test.rota"] }),
  );
  const { id: person } = answered(await rooms.createOfficial({ name: "施翀", authority: market.id }));
  const holders = async () =>
    answered(await rooms.holdersOf({ authority: market.id, duty: "test.rota" })).items.map(({ name }) => name);
  refused(await rooms.appoint({ official: person, post, from: "2026-03-10", to: "2026-03-09" }), "bad-period");
  answered(await rooms.appoint({ official: person, post, from: "2026-03-10", to: "2026-03-20" }));
  refused(await rooms.appoint({ official: person, post, from: "2026-03-12" }), "already-appointed");
  assert.deepEqual(await holders(), []);
  try {
    node.setNow("2026-03-09T16:00:00Z"); // midnight in Qingyuan
    assert.deepEqual(await holders(), ["施翀"]);
    node.setNow("2026-03-20T15:59:59Z");
    assert.deepEqual(await holders(), ["施翀"]);
    node.setNow("2026-03-20T16:00:00Z");
    assert.deepEqual(await holders(), []);
  } finally {
    node.setNow("2026-03-02T02:00:00Z");
  }
});

test("An official of another authority is not appointed; an appointment ends on its last day", async () => {
  const { id: post } = answered(
    await rooms.createPost({ title: { zh: "借调", en: "Loan" }, authority: market.id, duties: ["test.loan"] }),
  );
  const auditor = node.county.offices.bySignInName.get("auditor") ?? "";
  refused(await rooms.appoint({ official: auditor, post, from: "2026-03-01" }), "other-authority");
  const clerk = node.county.offices.bySignInName.get("accept") ?? "";
  const { id } = answered(await rooms.appoint({ official: clerk, post, from: "2026-02-01" }));
  assert.equal(answered(await rooms.listAppointments({ post })).items[0]?.officialName, "方小满");
  refused(await rooms.endAppointment({ id, to: "2026-01-01" }), "bad-period");
  answered(await rooms.endAppointment({ id, to: "2026-03-01" }));
  assert.deepEqual(answered(await rooms.holdersOf({ authority: market.id, duty: "test.loan" })).items, []);
  refused(await rooms.endAppointment({ id, to: "2026-03-01" }), "not-found");
});

test("On leave, the stand-in alone does the work of the post", async () => {
  const decider = await official("decider");
  assert.ok(decider.kind === "official");
  const standIn = node.county.offices.bySignInName.get("accept2") ?? "";
  const own = node.as(directory, decider, { purpose: "administration" });
  const leave = {
    official: decider.id,
    post: decider.post.id,
    standIn,
    from: "2026-03-02",
    to: "2026-03-06",
    reason: "年休假",
  };
  const colleague = node.as(directory, await official("accept"), { purpose: "administration" });
  refused(await colleague.delegate(leave), "not-yours");
  refused(await own.delegate({ ...leave, standIn: decider.id }), "stand-in-unfit");
  refused(
    await own.delegate({ ...leave, standIn: node.county.offices.bySignInName.get("auditor") ?? "" }),
    "stand-in-unfit",
  );
  refused(await own.delegate({ ...leave, to: "2026-03-01" }), "bad-period");
  const { id } = answered(await own.delegate(leave));
  refused(await own.delegate({ ...leave, from: "2026-03-06", to: "2026-03-08" }), "already-on-leave");

  const posts = directoryPosts(rooms);
  const deciding = async () =>
    (await posts.holders({ authority: market.id, duty: "licensing.decide" })).map(({ name }) => name).sort();
  assert.deepEqual(await deciding(), ["冯开明", "程一诺", "郑安澜"].sort());
  const held = answered(await rooms.postsOf({ official: decider.id })).items[0];
  assert.equal(held?.onLeave, true);
  assert.deepEqual(held.duties, ["directory.delegate"]);
  const stoodIn = answered(await rooms.postsOf({ official: standIn })).items.find(
    (post) => post.standsInFor === decider.id,
  );
  assert.ok(stoodIn?.duties.includes("licensing.decide"));
  assert.equal(answered(await own.listDelegations({ official: decider.id })).items[0]?.standInName, "程一诺");

  refused(await colleague.endDelegation({ id }), "not-yours");
  answered(await own.endDelegation({ id }));
  node.setNow("2026-03-02T02:00:01Z");
  assert.deepEqual(await deciding(), ["冯开明", "吴守正", "郑安澜"].sort());
});

test("The port names an authority as notices do", async () => {
  const named = await directoryPosts(rooms).authority(market.id);
  assert.equal(named?.phone, "0999-990-0315");
  assert.equal(await directoryPosts(rooms).authority(node.county.persons[0]?.key ?? ""), undefined);
});
