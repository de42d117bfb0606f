import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { noticesOf } from "#kernel/services/notices";
import type { Act } from "#kernel/system/act";
import { type LicensingCounty, licensingCounty } from "../federation/licensing-county.ts";
import { daysAhead, licensingSteps } from "../federation/licensing-steps.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const { endsOn, licence, licensed, notices, told } = licensingSteps(() => county);

async function end(number: string, ground: string, more: object = {}) {
  const { kernel } = county.node.site;
  const act = await county.officialAct("decider", { idempotencyKey: kernel.newId(), purpose: "register-keeping" });
  const input = { number, ground, reason: "核查认定的事实和理由。", ...more };
  return kernel.perform(act, { room: "quality", operation: "endLicence", input });
}

async function ask(room: string, operation: string, input: object, about: Partial<Act> = {}): Promise<unknown> {
  return county.node.site.kernel.perform(county.ownerAct({ purpose: "public-information", ...about }), {
    room,
    operation,
    input,
  });
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail("it did not come");
}

const ENDS = [
  { ground: "not-qualified", how: "revoked", notice: "revocation" },
  { ground: "circumstances-changed", how: "withdrawn", notice: "withdrawal" },
  { ground: "penalty", how: "annulled", notice: "annulment", more: { penaltyDecision: "清市监罚〔2026〕12号" } },
  { ground: "other-law", how: "deregistered", notice: "deregistration" },
];
for (const { ground, how, notice, more } of ENDS) {
  test(`${how}: on the register with ground and reasons, told to the holder in writing, verifiable, published`, async () => {
    const number = await licensed();
    const outcome = await end(number, ground, more);
    assert.ok(!isRefusal(outcome), JSON.stringify(outcome));
    const { value } = await licence(number);
    assert.equal(value.status, how);
    assert.deepEqual(
      (await told(number)).map(({ what, status }) => [what, status]),
      [
        ["granted", "valid"],
        ["ended", how],
      ],
    );
    const [ending] = value.endings ?? [];
    assert.deepEqual([ending?.how, ending?.ground, ending?.reason], [how, ground, "核查认定的事实和理由。"]);
    assert.ok((await notices(value.caseId)).some(({ kind }) => kind === notice));
    await eventually(async () => {
      const said = await ask("certificates", "verifyNumber", { number }, { purpose: "verification" });
      return (said as { standing: string }).standing === how ? true : undefined;
    });
    const view = await county.node.site.kernel.procedures.view(county.node.site.kernel.database, value.caseId);
    const published = await eventually(async () => {
      const said = (await ask("disclosure", "findDecision", { caseNumber: view?.number })) as { ended?: string };
      return said.ended === how ? (said as { endedWhy?: string }) : undefined;
    });
    assert.match(published.endedWhy ?? "", /^(?:撤销|撤回|吊销|注销)：.+（《/);
  });
}

test("the four are kept apart: what was revoked can be deregistered on that ground and no other, and only once", async () => {
  const number = await licensed();
  const early = await end(number, "expired");
  assert.ok(isRefusal(early) && early.code === "not-expired");
  const notEnded = await end(number, "ended-before");
  assert.ok(isRefusal(notEnded) && notEnded.code === "not-ended");
  const unnumbered = await end(number, "penalty");
  assert.ok(isRefusal(unnumbered), "a penalty has its decision");
  assert.ok(!isRefusal(await end(number, "not-qualified")));
  const again = await end(number, "penalty", { penaltyDecision: "清市监罚〔2026〕13号" });
  assert.ok(isRefusal(again) && again.code === "not-valid");
  assert.ok(!isRefusal(await end(number, "ended-before")));
  const { value } = await licence(number);
  assert.deepEqual(
    value.endings?.map(({ how }) => how),
    ["revoked", "deregistered"],
  );
  const kinds = (await noticesOf(county.node.site.kernel.database, value.caseId)).map(({ kind }) => kind);
  assert.ok(kinds.includes("revocation") && kinds.includes("deregistration"));
  const third = await end(number, "ended-before");
  assert.ok(isRefusal(third) && third.code === "not-valid");
});

test("what is expired can be deregistered; fraud bars a new application for three years (79)", async () => {
  const expired = await licensed();
  await endsOn(expired, daysAhead(-1));
  assert.ok(!isRefusal(await end(expired, "expired")));
  const number = await licensed();
  assert.ok(!isRefusal(await end(number, "fraud")));
  const refused = await county.submit(await county.draft());
  assert.ok(isRefusal(refused) && refused.code === "barred", JSON.stringify(refused));
});

test("an end that comes before the certificate is made is not lost", async () => {
  const { kernel } = county.node.site;
  const room = { kind: "node", room: "quality" } as const;
  const number = "JY29901010009991";
  const about = { principal: room, purpose: "case", onBehalfOf: undefined } as const;
  const first = await ask(
    "certificates",
    "endCertificate",
    { licenceNumber: number, how: "annulled" },
    { ...about, idempotencyKey: kernel.newId() },
  );
  assert.ok(!isRefusal(first), JSON.stringify(first));
  const authority = (await county.official("decider")).post.authority;
  const made = await ask(
    "certificates",
    "issueLicence",
    {
      kind: "food-licence",
      caseId: kernel.newId(),
      licenceNumber: number,
      holder: { kind: "organization", id: county.shop, name: "翠竹小吃店", code: "" },
      authority,
      issuedOn: daysAhead(0),
      validFrom: daysAhead(0),
      validUntil: daysAhead(1800),
      data: {
        representative: "林晓竹",
        registeredAddress: "清源县",
        premises: "清源县湖滨街道翠竹路27号",
        businessType: "catering",
        scope: ["热食类食品制售"],
        legalBasis: ["《中华人民共和国食品安全法》第三十五条"],
      },
    },
    { ...about, idempotencyKey: kernel.newId() },
  );
  assert.ok(!isRefusal(made), JSON.stringify(made));
  const said = await ask("certificates", "verifyNumber", { number }, { purpose: "verification" });
  assert.equal((said as { standing: string }).standing, "annulled");
});
