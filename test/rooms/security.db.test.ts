import assert from "node:assert/strict";
import { after, test } from "node:test";
import { directory } from "#infrastructure/directory";
import { compileAccess } from "#kernel/access/access";
import { LiveAccess } from "#kernel/access/live-access";
import type { PostRef } from "#kernel/system/act";
import { putInForce, watchChanges } from "../../src/infrastructure/security/in-force.ts";
import { answered, refused } from "./answers.ts";
import { type SecuredCounty, securedCounty } from "./secured-county.ts";

const county: SecuredCounty = await securedCounty();
after(county.close);
const { node, market, proposer, approver, as } = county;

const REASON = "依据内部管理规定";
const FORBID_NIGHT = `@zh("不得从互联网区查阅登记簿。") @en("Registers are not read from the internet zone.")
forbid(principal, action in Action::"register-read", resource) when { context.zone == Zone::"internet" };`;

async function propose(
  source: string,
  about: { level?: "authority" | "superior"; effectiveAt?: string; ends?: number } = {},
) {
  return await as(proposer).proposePolicy({ level: "authority", source, reason: REASON, ...about });
}
async function approved(source: string, about: Parameters<typeof propose>[1] = {}): Promise<number> {
  const { number } = answered(await propose(source, about));
  answered(await as(approver).decideChange({ number, decision: "approved", reason: "同意" }));
  await county.refresh();
  return number;
}
/** Whether a post could look entries of legal entities up from the internet zone. */
function reads(post: PostRef, zone: "extranet" | "internet" = "internet", access = node.kernel.access) {
  return access.decide({
    act: node.act({ kind: "official", id: "o", post, assurance: 3 }, { purpose: "register-keeping", zone }),
    room: "legal-entities",
    operation: "organization.read",
    kind: "query",
  });
}

test("a policy goes from proposal to effect by two people, and concerns the authority's own posts alone", async () => {
  const own = county.post(market, ["legal-entities.read"]);
  const other = county.post(county.publicSecurity, ["legal-entities.read"]);
  assert.equal(reads(own).allowed, true);
  const { number } = answered(await propose(FORBID_NIGHT));
  await county.refresh();
  assert.equal(reads(own).allowed, true, "a proposal changes nothing");
  const answer = answered(await as(approver).decideChange({ number, decision: "approved", reason: "同意" }));
  assert.equal(answer.inForceFrom, node.kernel.now());
  await county.refresh();
  const denied = reads(own);
  assert.deepEqual(denied.policies, [`authority.${number}`]);
  assert.equal(denied.reasons[0]?.zh, "不得从互联网区查阅登记簿。");
  assert.equal(reads(own, "extranet").allowed, true);
  assert.equal(reads(other).allowed, true, "another authority's posts are not reached");
  const { number: end } = answered(await as(proposer).proposeEnd({ number, reason: REASON }));
  answered(await as(approver).decideChange({ number: end, decision: "approved", reason: "同意" }));
  await county.refresh();
  assert.equal(reads(own).allowed, true);
  assert.equal(answered(await as(proposer).findChange({ number })).state, "ended");
});

test("nobody approves his own proposal: not by the operation, not past it in the database", async () => {
  const { number } = answered(await propose(FORBID_NIGHT));
  // The same person, at the other post.
  const both = { ...approver, id: proposer.id };
  refused(await as(both).decideChange({ number, decision: "approved", reason: "自批" }), "own-proposal");
  refused(await as(proposer).decideChange({ number, decision: "approved", reason: "自批" }), "denied");
  await assert.rejects(
    node.kernel.database.execute(
      `UPDATE security.change SET decision = 'approved', decided_by = proposed_by, decided_post = gen_random_uuid(),
         decided_at = proposed_at, in_force_from = proposed_at WHERE number = $1`,
      [number],
    ),
    /one_proposes_another_decides/,
  );
  const rewritten = node.kernel.database.execute("UPDATE security.change SET reason = 'x' WHERE number = $1", [number]);
  await assert.rejects(rewritten);
  await assert.rejects(node.kernel.database.execute("DELETE FROM security.change WHERE number = $1", [number]));
  answered(await as(approver).decideChange({ number, decision: "rejected", reason: "不必要" }));
  refused(await as(approver).decideChange({ number, decision: "approved", reason: "改主意" }), "decided");
  assert.equal(answered(await as(proposer).findChange({ number })).state, "rejected");
  refused(
    await as(county.governmentApprover).decideChange({ number, decision: "approved", reason: "他机关" }),
    "not-found",
  );
});

test("a permit reaches one's own posts alone, in what one keeps; a person, a case or the public cannot be named", async () => {
  const clerk = county.post(market, ["directory.delegate"]);
  const stranger = county.post(county.publicSecurity, ["directory.delegate"]);
  assert.equal(reads(clerk, "extranet").allowed, false);
  const lent = await approved(`@zh("窗口可查法人库。") @en("Counters look organizations up.")
    permit(principal, action == Action::"legal-entities.organization.read", resource);`);
  assert.deepEqual(reads(clerk, "extranet").policies, [`authority.${lent}`]);
  assert.equal(reads(stranger, "extranet").allowed, false);
  const words = '@zh("一") @en("One") ';
  for (const source of [
    'permit(principal == Official::"o", action == Action::"legal-entities.organization.read", resource);',
    'permit(principal, action == Action::"legal-entities.organization.read", resource) unless { principal == Official::"o" };',
    "permit(principal is Person, action, resource);",
    "forbid(principal is Node, action, resource);",
    'permit(principal, action == Action::"quality.foodBusinessLicence.read", resource == Case::"c");',
    'permit(principal, action == Action::"security.decideChange", resource);',
    'permit(principal, action == Action::"nothing", resource);',
    "permit(",
  ]) {
    refused(await propose(words + source), "unfit");
  }
  // Not kept by this authority, and no case: another's registers cannot be opened to one's own posts.
  const theirs = `${words}permit(principal, action == Action::"legal-entities.organization.read", resource);`;
  const answer = await as(county.governmentProposer).proposePolicy({
    level: "authority",
    source: theirs,
    reason: REASON,
  });
  refused(answer, "unfit");
  // One may be suspended by name.
  const suspended = await approved(`${words}forbid(principal == Official::"o", action, resource);`);
  assert.deepEqual(reads(clerk, "extranet").policies, [`authority.${suspended}`]);
  await ended(suspended);
  await ended(lent);
});

async function ended(number: number) {
  const { number: end } = answered(await as(proposer).proposeEnd({ number, reason: REASON }));
  answered(await as(approver).decideChange({ number: end, decision: "approved", reason: "同意" }));
  await county.refresh();
}

test("a superior forbids to all below, permits nothing, and does not reach beside or above", async () => {
  const above = as(county.governmentProposer);
  const words = '@zh("上级禁止。") @en("Forbidden from above.") ';
  const forbid = `${words}forbid(principal, action in Action::"register-read", resource) when { context.zone == Zone::"internet" };`;
  const permit = `${words}permit(principal, action == Action::"legal-entities.organization.read", resource);`;
  refused(await above.proposePolicy({ level: "superior", source: permit, reason: REASON }), "unfit");
  refused(await propose(forbid, { level: "superior" }), "unfit"); // nobody is below the market regulator
  const { number } = answered(await above.proposePolicy({ level: "superior", source: forbid, reason: REASON }));
  answered(await as(county.governmentApprover).decideChange({ number, decision: "approved", reason: "同意" }));
  await county.refresh();
  for (const authority of [market, county.publicSecurity]) {
    assert.deepEqual(reads(county.post(authority, ["legal-entities.read"])).policies, [`superior.${number}`]);
  }
  assert.equal(reads(county.post(county.government, ["legal-entities.read"])).allowed, true);
  // Below, nobody can end it.
  refused(await as(proposer).proposeEnd({ number, reason: REASON }), "none-to-end");
  const { number: end } = answered(await above.proposeEnd({ number, reason: REASON }));
  answered(await as(county.governmentApprover).decideChange({ number: end, decision: "approved", reason: "同意" }));
});

test("a change takes effect at its stated time; until then it can be withdrawn", async () => {
  const own = county.post(market, ["legal-entities.read"]);
  const now = node.kernel.now();
  const later = Temporal.Instant.from(now).add({ hours: 2 }).toString();
  refused(await propose(FORBID_NIGHT, { effectiveAt: "2020-01-01T00:00:00Z" }), "past");
  const number = await approved(FORBID_NIGHT, { effectiveAt: later });
  assert.equal(answered(await as(proposer).findChange({ number })).state, "approved");
  try {
    node.setNow(Temporal.Instant.from(later).subtract({ milliseconds: 1 }).toString());
    assert.equal(reads(own).allowed, true);
    node.setNow(later);
    assert.equal(reads(own).allowed, false);
    refused(await as(proposer).withdrawChange({ number, reason: "晚了" }), "too-late");
    await ended(number);
    assert.equal(reads(own).allowed, true);
  } finally {
    node.setNow(now);
  }
  const tomorrow = Temporal.Instant.from(now).add({ hours: 24 }).toString();
  const other = await approved(FORBID_NIGHT, { effectiveAt: tomorrow });
  answered(await as(proposer).withdrawChange({ number: other, reason: "不再需要" }));
  await county.refresh();
  try {
    node.setNow(tomorrow);
    assert.equal(reads(own).allowed, true);
  } finally {
    node.setNow(now);
  }
});

test("other processes on the database hear of it, and one that starts later finds it", async () => {
  const own = county.post(market, ["legal-entities.read"]);
  const process = () => {
    const contracts = [...node.kernel.systems.values()].map(({ contract }) => contract);
    return new LiveAccess({ contracts: compileAccess({ contracts }), fixed: {}, now: node.kernel.now });
  };
  const { database } = node.kernel;
  const doors = node.as(directory, { kind: "node", room: "test" }, { purpose: "administration" });
  const [running, started] = [process(), process()];
  const heard = Promise.withResolvers<void>();
  const replace = running.replace.bind(running);
  running.replace = async (...given) => {
    await replace(...given);
    if (!reads(own, "internet", running).allowed) heard.resolve();
  };
  const onFault = (fault: unknown) => heard.reject(fault);
  const stop = await watchChanges({ access: running, database, directory: doors, onFault });
  try {
    const { number } = answered(await propose(FORBID_NIGHT));
    answered(await as(approver).decideChange({ number, decision: "approved", reason: "同意" }));
    await heard.promise;
    assert.equal(reads(own, "internet", started).allowed, true);
    await putInForce(started, database, doors);
    assert.deepEqual(reads(own, "internet", started).policies, [`authority.${number}`]);
    await ended(number);
  } finally {
    await stop();
  }
});

test("what would let one post do what is kept apart is refused, and says which post, actions and policies", async () => {
  const examiner = await county.makePost(market, ["licensing.examine"]);
  const lend = `@zh("审查人员可代决定。") @en("Examiners may decide.")
    permit(principal, action == Action::"quality.foodBusinessLicence.task.decision", resource)
    when { context.zone == Zone::"intranet" };`;
  const said = refused(await propose(lend), "conflicting");
  assert.match(said.text.zh, /审查、核查的岗位，不得作出许可决定/);
  assert.match(said.text.zh, /quality\.foodBusinessLicence\.task\.decision/);
  assert.match(said.text.zh, /authority\.1000000000|licensing\.examine/);
  assert.ok(examiner.id);
  // Posts are held to the same rules when they are made.
  const doors = node.as(directory, { kind: "node", room: "test" }, { purpose: "administration" });
  const title = { zh: "全能岗", en: "All" };
  for (const duties of [
    ["licensing.examine", "licensing.decide"],
    ["security.propose", "security.approve"],
    ["audit.read", "register.keep"],
    ["directory.administer", "security.approve"],
  ]) {
    refused(await doors.createPost({ authority: market, title, duties }), "duties-conflict");
  }
});

test("an authority adds rules of its own; a rule that posts already break is refused", async () => {
  const words = { zh: "受理和决定分离。", en: "Acceptance and decision apart." };
  const rule = { one: ["licensing.accept"], other: ["licensing.decide"], words, reason: REASON };
  const doors = node.as(directory, { kind: "node", room: "test" }, { purpose: "administration" });
  refused(await as(proposer).proposeSeparation({ ...rule, other: ["licensing.nothing"] }), "unknown-work");
  const { number } = answered(await as(proposer).proposeSeparation(rule));
  answered(await as(approver).decideChange({ number, decision: "approved", reason: "同意" }));
  const title = { zh: "受理决定岗", en: "Both" };
  const duties = ["licensing.accept", "licensing.decide"];
  refused(await doors.createPost({ authority: market, title, duties }), "duties-conflict");
  answered(await doors.createPost({ authority: county.publicSecurity, title, duties }));
  await county.makePost(market, ["licensing.hear", "licensing.decide"]);
  const broken = { ...rule, one: ["licensing.hear"] };
  refused(await as(proposer).proposeSeparation(broken), "conflicting");
});

test("two changes that are harmless alone and not together: the second approval is refused", async () => {
  const words = { zh: "窗口不兼登记。", en: "Counters keep no register." };
  const one = answered(
    await as(proposer).proposeSeparation({ one: ["counter.file"], other: ["register.keep"], words, reason: REASON }),
  );
  await county.makePost(market, ["register.keep"]);
  const permit = `@zh("登记人员可代办。") @en("Registrars file at the counter.")
    permit(principal, action == Action::"quality.foodBusinessLicence.submit", resource)
    when { context.duties.contains(Duty::"register.keep") };`;
  const two = answered(await propose(permit));
  const decided = await Promise.all(
    [one, two].map(({ number }) => as(approver).decideChange({ number, decision: "approved", reason: "同意" })),
  );
  assert.deepEqual(decided.map((answer) => ("code" in answer ? answer.code : "approved")).sort(), [
    "approved",
    "conflicting",
  ]);
});

test("nobody locks the administration out of its own rights", async () => {
  const all = '@zh("全部停止。") @en("Stop all.") forbid(principal, action, resource);';
  refused(await propose(all), "locks-out");
  const above = as(county.governmentProposer);
  refused(await above.proposePolicy({ level: "superior", source: all, reason: REASON }), "locks-out");
});

test("what would change is told before it does, and each step is in the ledger", async () => {
  const preview = answered(
    await as(proposer).previewChange({ level: "authority", authority: market, source: FORBID_NIGHT }),
  );
  assert.deepEqual(preview.problems, []);
  assert.equal(preview.lines.length, 0, "no post of the authority reads registers");
  const reader = await county.makePost(market, ["legal-entities.read"]);
  const { number } = answered(await propose(FORBID_NIGHT));
  const effect = answered(await as(proposer).effectOf({ number }));
  assert.ok(effect.lines.length > 0);
  for (const line of effect.lines) {
    assert.equal(line.post, reader.id);
    assert.equal(line.how, "narrower");
    assert.deepEqual(line.policies, [`authority.${number}`]);
  }
  const problems = await as(proposer).previewChange({ level: "authority", authority: market, source: "permit(" });
  assert.equal(answered(problems).problems.length, 1);
  answered(await as(proposer).withdrawChange({ number, reason: "试验" }));
  const { records } = await node.kernel.ledger.byActor({ kind: "official", id: proposer.id }, { limit: 5 });
  const entry = records.find(({ leaf }) => leaf.operation === "proposePolicy");
  assert.ok(entry?.subjects[0]?.attributes.includes(`change ${number}`));
  const digest = answered(await as(proposer).findChange({ number })).digest;
  assert.ok(entry?.subjects[0]?.attributes.includes(`sha256 ${digest}`));
  assert.equal(records.filter(({ leaf }) => leaf.operation === "withdrawChange").length > 0, true);
});
