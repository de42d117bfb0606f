import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "#lib/language/text";
import { cite, LICENSING_LAW } from "../contract/citation.ts";
import { type Act, type Assurance, type PostRef, type Principal, PURPOSES, type Purpose } from "../system/act.ts";
import { compileAccess } from "./access.ts";
import { derivedPolicyProblems, type PolicySources, readPolicies } from "./policy-sources.ts";
import { kiosk } from "./sample-contract.ts";

const title = text("岗", "Post");
const post = (...duties: string[]): PostRef => ({
  id: duties.join("-"),
  title,
  authority: "authority-1",
  authorityName: title,
  duties,
  division: "990001",
});
const official = (...duties: string[]): Principal => ({
  kind: "official",
  id: "o",
  post: post(...duties),
  assurance: 1,
});
const firm = { kind: "organization", id: "f", name: "甲", right: "operator" } as const;

/** Each role comes with the purpose that fits it. */
const ROLES = {
  public: { principal: { kind: "public" }, purpose: "public-information" },
  person: { principal: { kind: "person", id: "p", assurance: 1 }, purpose: "own-affairs" },
  firm: { principal: { kind: "person", id: "p", assurance: 1 }, onBehalfOf: firm, purpose: "own-affairs" },
  node: { principal: { kind: "node", room: "quality" }, purpose: "case", caseId: "c" },
  inspector: { principal: official("kiosk.inspect"), purpose: "register-keeping" },
  keeper: { principal: official("kiosk.read"), purpose: "register-keeping" },
  closer: { principal: official("kiosk.close"), purpose: "register-keeping" },
  accepter: { principal: official("permit.accept"), purpose: "case", caseId: "c" },
  decider: { principal: official("permit.decide"), purpose: "case", caseId: "c" },
  counter: { principal: official("counter.file"), purpose: "case", caseId: "c" },
  auditor: { principal: official("audit.read"), purpose: "supervision" },
  other: { principal: official("other.duty"), purpose: "case", caseId: "c" },
} satisfies Record<string, Partial<Act> & { principal: Principal; purpose: Purpose }>;
type Role = keyof typeof ROLES;
const ALL_ROLES = Object.keys(ROLES) as Role[];

function act(part: Partial<Act>): Act {
  return {
    id: "a",
    principal: { kind: "public" },
    purpose: "public-information",
    legalBasis: [cite(LICENSING_LAW, "第三十二条")],
    zone: "extranet",
    language: "zh",
    at: "2026-01-01T00:00:00Z",
    ...part,
  };
}

const TABLE: Readonly<Record<string, readonly string[]>> = {
  listStands: ALL_ROLES,
  findKeeper: ["inspector", "node"],
  moveStand: ["person", "firm"],
  closeStand: ["closer"],
  recordPermit: ["node"],
  "keeper.read": ["keeper", "auditor"],
  "keeper.history": ["keeper", "auditor"],
  "stand.read": ["keeper", "auditor"],
  "stand.history": ["keeper", "auditor"],
  "permit.submit": ["firm", "counter"],
  "permit.read": ["firm", "accepter", "decider", "counter", "auditor"],
  "permit.task.accept": ["accepter"],
  "permit.task.decide": ["decider"],
  "permit.message.withdraw": ["firm", "counter"],
  "permit.message.extend": ["decider"],
  entries: ["auditor"],
};

const access = compileAccess({ contracts: [kiosk] });
const under = async (policies: PolicySources) => access.with(await readPolicies([kiosk], policies));

function decide(operation: string, part: Partial<Act>, authority = "authority-1", target = access) {
  const action = target.actions.find((candidate) => candidate.name === operation);
  assert.ok(action, operation);
  const ofCase = action.resource === "Case" ? { id: part.caseId ?? "c", authority } : undefined;
  return target.decide({ act: act(part), room: action.room, operation, kind: action.kind, case: ofCase });
}

test("operation × role: exactly those whom the contract names", () => {
  assert.deepEqual(Object.keys(TABLE).sort(), access.actions.map((action) => action.name).sort());
  for (const [operation, allowed] of Object.entries(TABLE)) {
    const found = ALL_ROLES.filter((role) => decide(operation, ROLES[role]).allowed);
    assert.deepEqual(found.sort(), [...allowed].sort(), operation);
  }
});

test("a decision says which contract granted it, in both languages", () => {
  const decision = decide("findKeeper", { ...ROLES.inspector });
  assert.deepEqual(decision.policies, ["kiosk@1.0/findKeeper/official/kiosk.inspect"]);
  assert.match(decision.reasons[0]?.zh ?? "", /kiosk\.inspect/);
  assert.match(decision.reasons[0]?.en ?? "", /kiosk\.inspect/);
});

test("without a purpose nothing is allowed, not even what is open to all", () => {
  for (const operation of Object.keys(TABLE)) {
    for (const role of Object.values(ROLES)) {
      assert.equal(decide(operation, { ...role, purpose: undefined }).allowed, false);
    }
  }
  assert.deepEqual(decide("listStands", { purpose: undefined }).policies, ["kernel.purpose-stated"]);
});

test("a register of persons is read on a stated legal basis only; one of things is not", () => {
  assert.deepEqual(decide("keeper.read", { ...ROLES.keeper, legalBasis: [] }).policies, [
    "kernel.personal-needs-legal-basis",
  ]);
  assert.equal(decide("stand.read", { ...ROLES.keeper, legalBasis: [] }).allowed, true);
});

test("an auditor's post writes nothing, even where a further policy would let it", async () => {
  const generous = await under({
    "sample.generous": '@zh("放行") @en("Let all pass") permit(principal is Official, action, resource);',
  });
  for (const action of generous.actions.filter((candidate) => candidate.kind === "command")) {
    assert.equal(decide(action.name, { ...ROLES.auditor }, "authority-1", generous).allowed, false, action.name);
  }
  assert.equal(decide("closeStand", { ...ROLES.other }, "authority-1", generous).allowed, true);
  // What the contract does not offer to a kind of caller, no policy can.
  assert.equal(decide("recordPermit", { ...ROLES.other }, "authority-1", generous).allowed, false);
});

test("an official who acts for a case names it, and it is one of his authority", () => {
  assert.equal(decide("permit.task.accept", { ...ROLES.accepter }).allowed, true);
  assert.deepEqual(decide("permit.task.accept", { ...ROLES.accepter }, "authority-2").policies, [
    "kernel.other-authority",
  ]);
  assert.equal(decide("permit.read", { ...ROLES.accepter }, "authority-2").allowed, false);
  assert.equal(decide("permit.read", { ...ROLES.auditor }, "authority-2").allowed, true);
  const unnamed = { ...ROLES.keeper, purpose: "case" } as const;
  assert.deepEqual(decide("keeper.read", unnamed).policies, ["kernel.case-named"]);
  assert.equal(decide("keeper.read", { ...unnamed, caseId: "c" }).allowed, true);
});

test("who asks through a room has the room's right, not his own", () => {
  const through = { ...ROLES.inspector, via: "quality" };
  assert.deepEqual(decide("findKeeper", through).policies, ["kiosk@1.0/findKeeper/node"]);
  assert.equal(decide("closeStand", { ...ROLES.closer, via: "quality" }).allowed, false);
  assert.equal(decide("listStands", through).allowed, true);
});

test("the intranet does not serve the public", () => {
  for (const role of ["public", "person", "firm"] as const) {
    for (const operation of Object.keys(TABLE)) {
      assert.equal(decide(operation, { ...ROLES[role], zone: "intranet" }).allowed, false);
    }
  }
  assert.equal(decide("closeStand", { ...ROLES.closer, zone: "intranet" }).allowed, true);
});

test("assurance floors hold for everything that is not open to all", () => {
  const strict = compileAccess({ contracts: [kiosk], assurance: { official: 2, organization: 2 } });
  const at = (role: Role, assurance: Assurance): Partial<Act> => {
    const part = ROLES[role];
    return { ...part, principal: { ...part.principal, assurance } as Principal };
  };
  assert.deepEqual(decide("closeStand", at("closer", 1), "authority-1", strict).policies, [
    "kernel.assurance-official",
  ]);
  assert.equal(decide("closeStand", at("closer", 2), "authority-1", strict).allowed, true);
  assert.equal(decide("moveStand", at("firm", 1), "authority-1", strict).allowed, false);
  assert.equal(decide("moveStand", at("person", 1), "authority-1", strict).allowed, true);
  assert.equal(decide("listStands", at("closer", 1), "authority-1", strict).allowed, true);
});

test("what nobody declared is denied", () => {
  const decision = access.decide({ act: act({}), room: "kiosk", operation: "nothing", kind: "query" });
  assert.equal(decision.allowed, false);
  assert.equal(decision.reasons.length, 1);
});

test("whoCan and whatCan tell the same from both ends", () => {
  assert.deepEqual(
    access.whoCan("kiosk.findKeeper").map((permission) => [permission.audience, permission.duty]),
    [
      ["official", "kiosk.inspect"],
      ["node", undefined],
    ],
  );
  assert.deepEqual(access.whatCan(post("permit.accept")), [
    { action: "kiosk.listStands", purposes: [...PURPOSES] },
    { action: "kiosk.permit.read", purposes: ["case"] },
    { action: "kiosk.permit.task.accept", purposes: ["case"] },
  ]);
  assert.deepEqual(
    access.whatCan(post("audit.read")).filter(({ action }) => action !== "kiosk.listStands"),
    [
      ...["keeper.read", "keeper.history", "stand.read", "stand.history", "permit.read"].map((name) => `kiosk.${name}`),
      "ledger.entries",
    ].map((action) => ({ action, purposes: ["supervision"] })),
  );
});

test("what is derived from contracts passes Cedar's strict checker, and what cannot be right does not", async () => {
  assert.deepEqual(await derivedPolicyProblems([kiosk]), []);
  const { closeStand } = kiosk.operations;
  const impossible = { ...closeStand, audience: ["official"], duty: undefined };
  const broken = { ...kiosk, operations: { closeStand: impossible } } as unknown as typeof kiosk;
  assert.notEqual((await derivedPolicyProblems([broken])).length, 0);
});

test("a policy that is wrong stops the node, and all wrong ones are named", async () => {
  const policies = {
    "a.typo": '@zh("一") @en("One") permit(principal, action == Action::"kiosk.listStand", resource);',
    "b.purpose": '@zh("二") @en("Two") forbid(principal, action, resource) when { context.purpose == Purpose::"fun" };',
    "c.words": "forbid(principal is Public, action, resource);",
    "d.idle": '@zh("四") @en("Four") permit(principal is Public, action == Action::"kiosk.closeStand", resource);',
    "e.extension": '@zh("六") @en("Six") permit(principal, action, resource) when { ip("10.0.0.1").isLoopback() };',
    "f.broken": "permit(",
    "kernel.purpose-stated": '@zh("五") @en("Five") permit(principal, action, resource);',
  };
  await assert.rejects(
    () => readPolicies([kiosk], policies),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, "ERR_ACCESS_POLICIES");
      for (const id of Object.keys(policies)) assert.match(error.message, new RegExp(id.replace(".", "\\.")));
      return true;
    },
  );
});

test("a forbid on a single person concerns that person alone", async () => {
  const barred = await under({
    "sample.barred": '@zh("停") @en("Barred") forbid(principal == Person::"q", action, resource);',
  });
  assert.equal(decide("moveStand", { ...ROLES.person }, "authority-1", barred).allowed, true);
  const q: Partial<Act> = { ...ROLES.person, principal: { kind: "person", id: "q", assurance: 1 } };
  assert.deepEqual(decide("moveStand", q, "authority-1", barred).policies, ["sample.barred"]);
});

test("what a post may ever do takes every condition as possibly true", async () => {
  const names = (found: ReturnType<typeof access.whatMay>) => found.map(({ action }) => action.name);
  assert.deepEqual(names(access.whatMay(post("permit.decide"))), [
    "listStands",
    "permit.read",
    "permit.task.decide",
    "permit.message.extend",
  ]);
  const lent = await under({
    "sample.lent": `@zh("借") @en("Lent") permit(principal is Official, action == Action::"kiosk.closeStand", resource)
      when { context.zone == Zone::"intranet" && context.duties.contains(Duty::"permit.decide") };`,
    "sample.never": '@zh("停") @en("Never") forbid(principal, action == Action::"kiosk.permit.task.decide", resource);',
    "sample.night": `@zh("限") @en("Some") forbid(principal, action == Action::"kiosk.listStands", resource)
      when { context.assurance < 3 };`,
  });
  const may = lent.whatMay(post("permit.decide"));
  assert.deepEqual(names(may), ["listStands", "closeStand", "permit.read", "permit.message.extend"]);
  assert.ok(may[0]?.mayForbid.includes("sample.night"));
  assert.deepEqual(may[1]?.permits, ["sample.lent"]);
});
