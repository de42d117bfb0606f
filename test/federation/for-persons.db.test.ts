import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { knownService } from "#kernel/services/application";
import { readDraft, saveDraft, startDraft } from "#kernel/services/drafts";
import { APPLICATION_WORDS, digestToSign, submitDraft } from "#kernel/services/submission";
import type { Act, PersonRight } from "#kernel/system/act";
import { publicSecurity } from "#systems/public-security";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { answered } from "../rooms/answers.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";

/** The demonstration's item for persons, walked as a newcomer walks it: by those whom its county has. */

const ITEM = { room: "public-security", service: "vehicleRegistration" };
let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const kernel = () => county.node.site.kernel;

const { cast, persons } = generateCounty();
const keyOf = (name: string) => persons.find(({ value }) => value.name === name)?.key ?? "";
const holder = (signInName: string) => cast.signIns.find((one) => one.signInName === signInName)?.holder ?? "";
const [father, ward, principal] = [keyOf("许守田"), keyOf("沈月娥"), holder("heir")];

interface Represented {
  readonly id: string;
  readonly name: string;
  readonly right: PersonRight;
  readonly services?: readonly string[];
}

/** As the session of a sign-in acts, for itself or in the name of somebody whom `powerOver` has. */
function actOf(signInName: string, represented?: Represented): Act {
  const { onBehalfOf: _, ...act } = county.ownerAct();
  const provenAt = { 2: kernel().now() };
  const principal = { kind: "person", id: holder(signInName), assurance: 2, provenAt } as const;
  return { ...act, principal, ...(represented && { onBehalfOf: { kind: "person", ...represented } }) };
}

/** What the registers say that a sign-in may do for somebody. */
async function powerOf(signInName: string, principal: string): Promise<Represented> {
  const doors = frontOf(kernel(), identity, () => ({
    ...county.ownerAct({ onBehalfOf: undefined }),
    id: kernel().newId(),
    principal: { kind: "node", room: "identity" },
  }));
  const { name, right, services } = answered(await doors.powerOver({ person: holder(signInName), principal }));
  return { id: principal, name, right, ...(services && { services }) };
}

async function submitted(act: Act, applicant: string, form: Readonly<Record<string, unknown>>) {
  const person = act.principal.kind === "person" ? act.principal.id : "";
  const draft = await startDraft(kernel(), act, ITEM, { kind: "person", id: applicant, personId: person });
  if (isRefusal(draft)) return draft;
  await saveDraft(kernel(), act, draft.id, form);
  const read = await readDraft(kernel(), kernel().database, act, draft.id);
  assert.ok(!isRefusal(read));
  const digest = digestToSign(knownService(kernel(), read).service, read) ?? "";
  const signing = { signer: county.node.site.signer, signerName: "办理人", words: APPLICATION_WORDS.zh, digest };
  return submitDraft(kernel(), act, { draftId: draft.id, signing });
}

async function decided(caseId: string): Promise<void> {
  const steps = [
    ["vehicles", "acceptance", { outcome: "accept", siteCheckNeeded: "no" }],
    ["vehicles-examine", "examination", { outcome: "propose-grant" }],
    ["vehicles-decide", "decision", { outcome: "grant" }],
  ] as const;
  for (const [signInName, element, form] of steps) {
    const done = await county.doTask(signInName, { caseId, element, form });
    assert.ok(!isRefusal(done), isRefusal(done) ? `${element}: ${done.text.en}` : "");
  }
  await county.until(caseId, (view) => view.status === "completed" || view.outcome !== undefined);
}

const vehicles = async (act: Act) => {
  const now = () => ({ ...act, id: kernel().newId(), at: kernel().now() });
  return answered(await frontOf(kernel(), publicSecurity, now).vehiclesOf({})).items;
};

const refusedFor = (outcome: unknown) => (isRefusal(outcome) ? outcome.issues.map(({ path }) => path) : ["done"]);

test("An heir ends what the deceased held, and can register nothing in their name", async () => {
  const power = await powerOf("heir", father);
  assert.equal(power.right, "heir");
  const act = actOf("heir", power);
  const [held] = await vehicles(act);
  assert.equal(held?.status, "registered");
  const plate = held?.plate ?? "";
  const end = { kind: "end", plate, endReason: "deceased" } as const;
  assert.deepEqual(
    refusedFor(
      await submitted(act, father, { kind: "register", vehicle: "wheelchair", brand: "X", frameNumber: "AB12" }),
    ),
    ["kind"],
  );
  assert.deepEqual(refusedFor(await submitted(act, father, { ...end, endReason: "sold" })), ["endReason"]);
  const own = await submitted(actOf("heir"), holder("heir"), { ...end, endReason: "unused" });
  assert.deepEqual(refusedFor(own), ["plate"], "in the heir's own name it is nobody's");
  const done = await submitted(act, father, end);
  assert.ok(!isRefusal(done), JSON.stringify(done));
  const twice = await submitted(act, father, end);
  assert.ok(isRefusal(twice), "one case about one vehicle at a time");
  await decided(done.caseId);
  const [ended] = await vehicles(act);
  assert.deepEqual([ended?.status, ended?.endReason], ["ended", "deceased"]);
});

test("A guardian registers a wheelchair for the ward, and ends what the ward has only by saying why that is in the ward's interest", async () => {
  const power = await powerOf("company", ward);
  assert.equal(power.right, "guardian");
  const act = actOf("company", power);
  const done = await submitted(act, ward, {
    ...{ kind: "register", vehicle: "wheelchair", brand: "清源牌 LY100", frameNumber: "990101sample777" },
  });
  assert.ok(!isRefusal(done), JSON.stringify(done));
  await decided(done.caseId);
  const registered = (await vehicles(act)).find(({ frameNumber }) => frameNumber === "990101SAMPLE777");
  assert.match(registered?.plate ?? "", /^清源\d{5}$/);
  assert.equal(registered?.holderName, "沈月娥");
  const end = { kind: "end", plate: registered?.plate, endReason: "unused" } as const;
  assert.deepEqual(refusedFor(await submitted(act, ward, end)), ["wardInterest"]);
  const { records } = await kernel().ledger.bySubject(
    { kind: "person", id: ward },
    { today: kernel().now().slice(0, 10), limit: 50 },
  );
  assert.ok(records.some(({ leaf, content }) => leaf.type === "act" && content?.actor.id === holder("company")));
});

test("An agent acts in the one service that somebody named; nobody acts without a power", async () => {
  const power = await powerOf("agent", principal);
  assert.deepEqual([power.right, power.services], ["agent", ["public-security.vehicleRegistration"]]);
  const form = {
    kind: "register",
    vehicle: "electric-bicycle",
    brand: "清源牌",
    frameNumber: "990101SAMPLE888",
  } as const;
  const done = await submitted(actOf("agent", power), principal, form);
  assert.ok(!isRefusal(done), JSON.stringify(done));
  const stranger = await submitted(actOf("owner"), principal, form);
  assert.ok(isRefusal(stranger) && stranger.code === "not-for-others", JSON.stringify(stranger));
  const elsewhere = await submitted(actOf("agent", { ...power, services: ["quality.other"] }), principal, form);
  assert.ok(isRefusal(elsewhere) && elsewhere.code === "not-for-others");
});
