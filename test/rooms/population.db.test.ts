import assert from "node:assert/strict";
import { after, test } from "node:test";
import { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import type { PostRef, Principal } from "#kernel/system/act";
import { syntheticResidentIdentity } from "#lib/identifiers/resident-identity";
import { population } from "#resources/population";
import { answered, refused } from "./answers.ts";
import { countyNode } from "./county-node.ts";

const node = await countyNode();
after(node.close);

const asNode: Principal = { kind: "node", room: "test" };
const CASE = "0192f1c4-5d4e-7c3a-9f00-2b6a1f0c9d11";
const owner: Principal = { kind: "person", id: node.holder("owner"), assurance: 1 };
const keeper = await official("population");
const keeping = node.as(population, keeper, { purpose: "register-keeping" });

/** Each test has numbers of its own. */
let sequence = 500;

function newcomer(over: Record<string, unknown> = {}) {
  sequence += 2;
  const birthDate = Temporal.PlainDate.from("1990-02-28");
  return {
    name: "许昇",
    documentKind: "resident-identity",
    documentNumber: syntheticResidentIdentity({ division: "0101", birthDate, sequence }),
    sex: "female",
    birthDate: "1990-02-28",
    nationality: "CHN",
    division: "990101001",
    address: "清源县清源街道桂花巷8号",
    mobile: "99123456789",
    lifeStatus: "alive",
    ...over,
  } as const;
}

async function official(signInName: string): Promise<Principal> {
  const id = node.county.offices.bySignInName.get(signInName) ?? "";
  const offices = node.as(directory, asNode, { purpose: "administration" });
  const [post] = answered(await offices.postsOf({ official: id })).items;
  return { kind: "official", id, post: post as PostRef, assurance: 1 };
}

test("A person is registered and found by the document, however its number is written", async () => {
  const person = newcomer();
  const { id } = answered(await keeping.registerPerson(person));
  const spaced = `${person.documentNumber.slice(0, 6)} ${person.documentNumber.slice(6).toLowerCase()}`;
  const found = answered(await keeping.findByDocument({ documentKind: "resident-identity", documentNumber: spaced }));
  assert.equal(found.id, id);
  assert.equal(found.name, "许昇");
  assert.equal("ethnicity" in found, false, "a case does not learn it");
  refused(await keeping.registerPerson(person), "exists");
});

test("What cannot be right is refused at its field; what is unusual is confirmed by who saw the document", async () => {
  const wrongDigit = newcomer();
  const last = wrongDigit.documentNumber.endsWith("0") ? "1" : "0";
  const number = wrongDigit.documentNumber.slice(0, 17) + last;
  const refusal = refused(await keeping.registerPerson({ ...wrongDigit, documentNumber: number }), "invalid");
  assert.deepEqual(
    refusal.issues.map(({ path }) => path),
    ["documentNumber"],
  );
  refused(await keeping.registerPerson(newcomer({ birthDate: "2027-01-01" })), "invalid");
  refused(await keeping.registerPerson({ ...newcomer(), lifeStatus: "undead" as "alive" }), "invalid-input");
  const mismatch = newcomer({ birthDate: "1990-03-01" });
  const warned = refused(await keeping.registerPerson(mismatch), "needs-confirmation");
  assert.deepEqual(
    warned.issues.map(({ path }) => path),
    ["birthDate"],
  );
  answered(await keeping.registerPerson({ ...mismatch, confirmed: true }));
  // 990199 is in no directory, as a division that was abolished is not.
  const birthDate = Temporal.PlainDate.from("1990-02-28");
  const abolished = newcomer({
    documentNumber: syntheticResidentIdentity({ division: "0199", birthDate, sequence: 2 }),
  });
  refused(await keeping.registerPerson(abolished), "needs-confirmation");
  answered(await keeping.registerPerson({ ...abolished, confirmed: true }));
});

test("Passports of two states may have the same number", async () => {
  const traveller = newcomer({
    documentKind: "passport",
    documentNumber: "X1234567",
    nationality: "UTO",
    name: "Ada Ŝtelo",
  });
  answered(await keeping.registerPerson(traveller));
  answered(await keeping.registerPerson({ ...traveller, nationality: "XXA" }));
  refused(await keeping.registerPerson(traveller), "exists");
  const wanted = { documentKind: "passport", documentNumber: "x1234567", issuedBy: "UTO" } as const;
  assert.equal(answered(await keeping.findByDocument(wanted)).nationality, "UTO");
});

test("Of two who register the same document at once, one is told that it exists", async () => {
  const person = newcomer();
  const answers = await Promise.all([1, 2, 3].map(() => keeping.registerPerson(person)));
  assert.equal(answers.filter((answer) => !isRefusal(answer)).length, 1);
  for (const answer of answers) if (isRefusal(answer)) assert.equal(answer.code, "exists");
});

test("Everyone sees the own entry; nobody else sees it so", async () => {
  const own = answered(await node.as(population, owner).findOwn({}));
  assert.equal(own.name, "林晓竹");
  assert.equal(own.address, "清源县湖滨街道翠竹路27号2幢301室");
  refused(await node.as(population, { kind: "public" }, { purpose: "own-affairs" }).findOwn({}), "denied");
  refused(await node.as(population, owner).searchByName({ name: "林晓竹" }), "denied");
  refused(await node.as(population, owner).findPersonForCase({ id: own.id }), "denied");
});

test("An official looks a person up for a case alone, and only in a post that may", async () => {
  const examiner = await official("inspector1");
  const id = node.holder("owner");
  refused(await node.as(population, examiner, { purpose: "case" }).findPersonForCase({ id }), "case-needed");
  refused(
    await node.as(population, examiner, { purpose: "administration", caseId: CASE }).findPersonForCase({ id }),
    "case-needed",
  );
  const found = answered(await node.as(population, examiner, { caseId: CASE }).findPersonForCase({ id }));
  assert.equal(found.birthDate, "1988-04-12");
  refused(await node.as(population, await official("ratings"), { caseId: CASE }).findPersonForCase({ id }), "denied");
  refused(await node.as(population, examiner, { purpose: undefined }).findPersonForCase({ id }), "purpose-missing");
});

test("Names are found by their characters, rare ones and those of the extension planes, too", async () => {
  answered(await keeping.registerPerson(newcomer({ name: "上官𣲘犇" })));
  for (const name of ["𣲘犇", "上官𣲘", "官𣲘", "上官"]) {
    const found = answered(await keeping.searchByName({ name })).items;
    const hit = found.find((item) => item.name === "上官𣲘犇");
    assert.ok(hit, name);
    assert.match(hit.documentEnd, /^.{4}$/);
  }
  assert.deepEqual(answered(await keeping.searchByName({ name: "没有这个人" })).items, []);
});

test("A correction says that we were wrong, a change that the world moved; both are told apart later", async () => {
  const { id } = answered(await keeping.registerPerson(newcomer()));
  const entry = () => node.as(population, asNode, { purpose: "case" }).findPersonForCase({ id });
  node.setNow("2026-03-03T01:00:00.000Z");
  answered(await keeping.correctPerson({ id, name: "许昇平", reason: "登记时漏字" }));
  const moved = { id, address: "清源县湖滨街道湖滨路3号", division: "990101002", since: "2026-03-02", reason: "迁居" };
  answered(await keeping.correctPerson(moved));
  assert.equal(answered(await entry()).name, "许昇平");
  assert.equal(answered(await entry()).address, moved.address);
  refused(await keeping.correctPerson({ id, birthDate: "2030-01-01", reason: "笔误" }), "invalid");
  const taken = answered(await keeping.registerPerson(newcomer()));
  const other = answered(await node.as(population, asNode, { purpose: "case" }).findPersonForCase({ id: taken.id }));
  refused(await keeping.correctPerson({ id, documentNumber: other.documentNumber, reason: "笔误" }), "exists");
  refused(await keeping.correctPerson({ id: CASE, name: "无此人", reason: "笔误" }), "not-found");
});

test("A person says that something is wrong; an official decides, with reasons", async () => {
  const own = node.as(population, owner);
  const report = {
    attribute: "address",
    claimed: "清源县湖滨街道翠竹路27号2幢302室",
    explanation: "房产证上是302室",
  } as const;
  const { id } = answered(await own.reportWrong(report));
  refused(await own.reportWrong(report), "already-open");
  const waiting = answered(await keeping.listCorrectionRequests({})).items;
  assert.deepEqual(
    waiting.map((request) => [request.id, request.personName]),
    [[id, "林晓竹"]],
  );
  refused(await own.decideCorrection({ id, accepted: true, reason: "自批" }), "denied");
  answered(await keeping.decideCorrection({ id, accepted: true, reason: "核对房产证无误" }));
  refused(await keeping.decideCorrection({ id, accepted: false, reason: "再议" }), "already-decided");
  const corrected = answered(await own.findOwn({}));
  assert.deepEqual([corrected.address, corrected.changeReason], [report.claimed, "核对房产证无误"]);
  assert.equal(answered(await own.ownCorrectionRequests({})).items[0]?.decisionReason, "核对房产证无误");

  const nonsense = answered(await own.reportWrong({ attribute: "birthDate", claimed: "春天", explanation: "大概" }));
  refused(await keeping.decideCorrection({ id: nonsense.id, accepted: true, reason: "照办" }), "invalid");
  answered(await keeping.decideCorrection({ id: nonsense.id, accepted: false, reason: "没有证明材料" }));
  assert.equal(answered(await own.findOwn({})).birthDate, "1988-04-12");
});

test("The tables hold no sensitive attribute in the clear", async () => {
  const person = newcomer({ address: "清源县清源街道密不可见巷1号", ethnicity: "汉族" });
  const { id } = answered(await keeping.registerPerson(person));
  const rows = await node.kernel.database.query<{ whole: string }>(
    "SELECT p::text AS whole FROM population.person p WHERE p.key = $1",
    [id],
  );
  assert.equal(rows.length, 1);
  for (const secret of [person.documentNumber, "1990-02-28", "密不可见", "汉族", "99123456789"]) {
    assert.ok(
      rows.every(({ whole }) => !whole.includes(secret)),
      secret,
    );
  }
});

test("Every read of a person is in the ledger before it is answered", async () => {
  const count = async () =>
    (await node.kernel.database.query<{ entries: number }>("SELECT count(*)::int AS entries FROM ledger.entry"))[0]
      ?.entries ?? 0;
  const before = await count();
  answered(await node.as(population, owner).findOwn({}));
  assert.equal(await count(), before + 1);
});
