import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { clockOf } from "#kernel/services/case-clock";
import { sendToCase } from "#kernel/services/case-messages";
import { lastDay } from "#lib/calendar/statutory-period";
import { ROOMS } from "../../src/node/rooms.ts";
import qualitySystem from "../../src/systems/quality/system.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

/** The food licence as if several authorities handled it together: the law's own frame, and no extension of its own. */
const LIMITS = { promisedDays: 30, statutoryDays: 45, lawDays: 45, joint: true } as const;
const { contract } = qualitySystem;
const { foodBusinessLicence } = contract.services;
assert.ok(foodBusinessLicence);
const together = {
  ...qualitySystem,
  contract: {
    ...contract,
    services: { ...contract.services, foodBusinessLicence: { ...foodBusinessLicence, limits: LIMITS } },
  },
};

let county: LicensingCounty;
before(async () => {
  const rooms = ROOMS.map((room) => (room.contract.id === contract.id ? together : room));
  county = await licensingCounty({ rooms });
});
after(() => county.close());
const { done, notices, submitted } = licensingSteps(() => county);

test("what several authorities handle together has 45 working days, and 15 more with the head's approval (42)", async () => {
  const caseId = await submitted();
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
  const before = await county.until(caseId, ({ clocks }) => clocks.some(({ id }) => id === "decision"));
  const clock = before.clocks.find(({ id }) => id === "decision");
  assert.equal(clock?.amount, 45);
  const act = await county.officialAct("inspector1", { caseId });
  const asked = { caseId, message: "extensionRequested", form: { note: "需要会同环保部门核查。" } };
  assert.ok(!isRefusal(await sendToCase(county.node.site.kernel, act, asked)));
  await done("head", caseId, "extension", { outcome: "approve", reasons: "联合核查尚未完成。" });
  const view = await county.until(caseId, ({ clocks }) => clocks.some(({ extensions }) => extensions.length > 0));
  const extended = view.clocks.find(({ id }) => id === "decision");
  assert.deepEqual(
    extended?.extensions.map(({ amount, article }) => [amount, article]),
    [[15, "行政许可法第四十二条"]],
  );
  assert.ok(
    (await notices(caseId)).some(({ kind }) => kind === "extension"),
    "the reason is told",
  );
  assert.ok(extended);
  const sixty = { unit: "working-day", amount: 60, article: "" } as const;
  const { day } = lastDay(Temporal.PlainDate.from(extended.startedOn), sixty);
  assert.equal(clockOf(extended, county.node.site.kernel.now()).dueOn.toString(), day.toString(), "60 in all");
});
