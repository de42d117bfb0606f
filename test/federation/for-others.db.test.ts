import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { knownService } from "#kernel/services/application";
import { sendToCase } from "#kernel/services/case-messages";
import { caseForApplicant, myCases } from "#kernel/services/case-views";
import { addMaterial, readDraft, saveDraft, startDraft } from "#kernel/services/drafts";
import { APPLICATION_WORDS, digestToSign, submitDraft } from "#kernel/services/submission";
import type { Act, PersonRight } from "#kernel/system/act";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { ROOMS } from "../../src/node/rooms.ts";
import qualitySystem from "../../src/systems/quality/system.ts";
import { FLOOR_PLAN, type LicensingCounty, licensingCounty, SHOP_FORM } from "./licensing-county.ts";

/** The food licence as if persons applied for it, and their guardians and agents, but no heirs. */
const { contract } = qualitySystem;
const { foodBusinessLicence } = contract.services;
const implementation = qualitySystem.services["foodBusinessLicence"];
assert.ok(foodBusinessLicence && implementation);
const forPersons = {
  ...qualitySystem,
  contract: {
    ...contract,
    services: {
      ...contract.services,
      foodBusinessLicence: {
        ...foodBusinessLicence,
        applicants: ["person"],
        forOthers: ["guardian", "agent"],
      } as const,
    },
  },
  services: {
    ...qualitySystem.services,
    foodBusinessLicence: {
      ...implementation,
      facts: async () => [{ id: "applicantName", value: "申请人", asOf: "2026-11-18T02:00:00.000Z" }],
      screen: async () => ({ kind: "fits" }),
    } as typeof implementation,
  },
};
const ITEM = { room: "quality", service: "foodBusinessLicence" };

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty({
    rooms: ROOMS.map((room) => (room.contract.id === contract.id ? forPersons : room)),
  });
});
after(() => county.close());
const kernel = () => county.node.site.kernel;

const { cast, persons } = generateCounty();
const daughter = persons.find(({ value }) => value.name === "周暘")?.key ?? "";
const owner = cast.signIns.find(({ signInName }) => signInName === "owner")?.holder ?? "";
const neighbour = cast.signIns.find(({ signInName }) => signInName === "neighbour")?.holder ?? "";

function actOf(
  person: string,
  represented?: { readonly right: PersonRight; readonly services?: readonly string[] },
): Act {
  const { onBehalfOf: _, ...act } = county.ownerAct();
  const principal = { kind: "person", id: person, assurance: 2, provenAt: { 2: kernel().now() } } as const;
  if (!represented) return { ...act, principal };
  return { ...act, principal, onBehalfOf: { kind: "person", id: daughter, name: "周暘", ...represented } };
}

const start = (act: Act, personId: string) =>
  startDraft(kernel(), act, ITEM, { kind: "person", id: daughter, personId });

async function submit(act: Act, draftId: string) {
  const draft = await readDraft(kernel(), kernel().database, act, draftId);
  assert.ok(!isRefusal(draft));
  const digest = digestToSign(knownService(kernel(), draft).service, draft) ?? "";
  const signing = { signer: county.node.site.signer, signerName: "林晓竹", words: APPLICATION_WORDS.zh, digest };
  return submitDraft(kernel(), act, { draftId, signing });
}

test("A guardian applies for a child; the child sees the case and who filed it, and nobody without a power does", async () => {
  const act = actOf(owner, { right: "guardian" });
  const refusedAs = async (outcome: Promise<unknown>) => {
    const answer = await outcome;
    return isRefusal(answer) ? answer.code : "no refusal";
  };
  assert.equal(await refusedAs(start(actOf(owner), owner)), "not-for-others", "in her own name");
  assert.equal(
    await refusedAs(start(actOf(owner, { right: "heir" }), owner)),
    "not-for-others",
    "not an item for heirs",
  );
  const elsewhere = { right: "agent", services: ["quality.other"] } as const;
  assert.equal(await refusedAs(start(actOf(neighbour, elsewhere), neighbour)), "not-for-others", "another service");
  assert.equal(await refusedAs(start(actOf(neighbour), owner)), "service-unknown", "under somebody else's name");

  const draft = await start(act, owner);
  assert.ok(!isRefusal(draft), JSON.stringify(draft));
  await saveDraft(kernel(), act, draft.id, SHOP_FORM);
  const file = { field: "floorPlan", name: "布局图.pdf", mediaType: "application/pdf", bytes: FLOOR_PLAN };
  await addMaterial(kernel(), act, { draftId: draft.id, name: "floorPlan", file, scanner: county.node.site.scanner });
  assert.equal(await refusedAs(submit(actOf(owner), draft.id)), "not-for-others", "the power has ended meanwhile");
  const done = await submit(act, draft.id);
  assert.ok(!isRefusal(done), JSON.stringify(done));

  const seen = await caseForApplicant(kernel(), actOf(daughter), done.caseId);
  assert.ok(!isRefusal(seen), "who was applied for sees it");
  assert.ok(seen.entries.some(({ concerns }) => concerns.has(daughter)));
  assert.equal((await myCases(kernel(), actOf(daughter))).length, 1);
  assert.equal((await myCases(kernel(), act)).length, 1);
  assert.deepEqual(await myCases(kernel(), actOf(neighbour)), []);
  assert.deepEqual(await myCases(kernel(), actOf(neighbour, elsewhere)), [], "a power for another service");
  const { records } = await kernel().ledger.bySubject(
    { kind: "person", id: daughter },
    { today: kernel().now().slice(0, 10), limit: 50 },
  );
  const filed = records.find(({ leaf }) => leaf.operation === "foodBusinessLicence.submit" && leaf.type === "act");
  assert.equal(filed?.content?.actor.id, owner);
  assert.deepEqual(filed?.content?.onBehalfOf, { kind: "person", id: daughter });

  const withdrawn = { caseId: done.caseId, message: "withdrawn", form: {} };
  assert.equal(
    await refusedAs(sendToCase(kernel(), actOf(owner), withdrawn)),
    "not-an-applicant",
    "filed it, has no power",
  );
  assert.equal(await refusedAs(sendToCase(kernel(), actOf(neighbour, elsewhere), withdrawn)), "case-unknown");
  const agent = actOf(neighbour, { right: "agent", services: ["quality.foodBusinessLicence"] });
  assert.equal(await refusedAs(sendToCase(kernel(), agent, withdrawn)), "no refusal", "an agent for this very service");
});
