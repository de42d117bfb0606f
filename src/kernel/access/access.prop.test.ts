import assert from "node:assert/strict";
import { test } from "node:test";
import { isAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import fc from "fast-check";
import { text } from "#lib/language/text";
import { cite, LICENSING_LAW } from "../contract/citation.ts";
import { type Act, type Principal, PURPOSES } from "../system/act.ts";
import { type AccessRequest, compileAccess } from "./access.ts";
import { principalTypes } from "./action.ts";
import { attemptOf } from "./attempt.ts";
import { DEFAULT_ASSURANCE_FLOORS, grantPolicies, kernelPolicies } from "./base-policies.ts";
import { readPolicies } from "./policy-sources.ts";
import { kiosk } from "./sample-contract.ts";
import { cedarSchema, knownDuties } from "./schema.ts";
import { cedarJsonRequest } from "./testing.ts";

const title = text("岗", "Post");
const DUTIES = [
  "kiosk.inspect",
  "kiosk.close",
  "kiosk.read",
  "permit.accept",
  "audit.read",
  "counter.file",
  "unheard.of",
];
const assurance = fc.constantFrom(1, 2, 3) as fc.Arbitrary<1 | 2 | 3>;
const id = fc.constantFrom("a", "b");

const principal: fc.Arbitrary<Principal> = fc.oneof(
  fc.constant({ kind: "public" } as const),
  fc.record({ kind: fc.constant("person" as const), id, assurance }),
  fc.record({ kind: fc.constant("node" as const), room: fc.constantFrom("quality", "kiosk") }),
  fc.record({
    kind: fc.constant("official" as const),
    id,
    assurance,
    post: fc.record({
      id,
      title: fc.constant(title),
      authority: id,
      authorityName: fc.constant(title),
      duties: fc.uniqueArray(fc.constantFrom(...DUTIES)),
      division: fc.constantFrom("990001", "990002"),
    }),
  }),
);

const act: fc.Arbitrary<Act> = fc.record({
  id: fc.constant("act"),
  principal,
  onBehalfOf: fc.option(fc.constant({ kind: "organization", id: "f", name: "甲", right: "agent" } as const), {
    nil: undefined,
  }),
  purpose: fc.option(fc.constantFrom(...PURPOSES), { nil: undefined }),
  legalBasis: fc.constantFrom([], [cite(LICENSING_LAW, "第三十二条")]),
  caseId: fc.option(id, { nil: undefined }),
  origin: fc.option(
    fc.record({ node: id, client: fc.constantFrom("ZT/GOV/1/a", "ZT/GOV/1/b") }, { requiredKeys: ["node"] }),
    { nil: undefined },
  ),
  zone: fc.constantFrom("intranet", "extranet", "internet"),
  language: fc.constant("zh" as const),
  at: fc.constant("2026-01-01T00:00:00Z"),
});

const plain = compileAccess({ contracts: [kiosk] });

const request: fc.Arbitrary<AccessRequest> = fc
  .tuple(
    act,
    fc.constantFrom(...plain.actions),
    fc.option(
      fc.record(
        { id, authority: id, applicant: fc.constantFrom("person", "organization"), counter: fc.boolean() },
        { requiredKeys: ["id", "authority"] },
      ),
      { nil: undefined },
    ),
    fc.option(fc.constant({}), { nil: undefined }),
  )
  .map(([attempt, action, ofCase, entry]) => ({
    act: attempt,
    entry: action.entry && entry,
    room: action.room,
    operation: action.name,
    kind: action.kind,
    case: ofCase,
  }));

const CONDITIONS = [
  "context.assurance < 3",
  'context.zone == Zone::"internet"',
  'context.classification == Classification::"personal"',
  'context has purpose && context.purpose == Purpose::"case"',
  'context has caseId && context.caseId == "a"',
  'context.duties.contains(Duty::"kiosk.read")',
  'context has authority && context.authority == "a"',
  'context has onBehalfOf.right && context.onBehalfOf.right == "agent"',
  'context has division && context.division == "990001"',
  "context.legalBasis.isEmpty()",
  'context has origin.client && context.origin.client == "ZT/GOV/1/a"',
];
const SCOPES = ["principal", 'principal == Person::"a"', "principal is Official", 'principal == Node::"quality"'];
const ACTIONS = ["action", 'action in Action::"command"', 'action == Action::"kiosk.listStands"'];

const forbid = fc
  .tuple(fc.constantFrom(...SCOPES), fc.constantFrom(...ACTIONS), fc.constantFrom(...CONDITIONS))
  .map(([who, what, when]) => `@zh("禁") @en("No") forbid(${who}, ${what}, resource) when { ${when} };`);

test("adding a forbid never allows more", async () => {
  await fc.assert(
    fc.asyncProperty(forbid, fc.array(request, { minLength: 20, maxLength: 60 }), async (source, requests) => {
      const stricter = await compileWith(source);
      // A forbid that can never apply is refused at boot, and allows nothing more either.
      if (!stricter) return;
      for (const one of requests) {
        if (stricter.decide(one).allowed) assert.equal(plain.decide(one).allowed, true);
      }
    }),
    { numRuns: 20 },
  );
});

async function compileWith(source: string) {
  try {
    return plain.with(await readPolicies([kiosk], { "sample.forbid": source }));
  } catch {
    return undefined;
  }
}

test("who holds no duty of an action never does it as an official", () => {
  fc.assert(
    fc.property(request, (one) => {
      const { principal: who } = one.act;
      if (who.kind !== "official") return;
      const permissions = plain.whoCan(`${one.room}.${one.operation}`);
      const entitled = permissions.some(
        ({ audience, duty }) => audience === "public" || (duty !== undefined && who.post.duties.includes(duty)),
      );
      if (!entitled) assert.equal(plain.decide(one).allowed, false);
    }),
    { numRuns: 200 },
  );
});

test("every request fits the schema, and Cedar decides it with all policies as we do with those of the action", () => {
  const schema = cedarSchema(plain.actions);
  const policies = {
    staticPolicies: { ...grantPolicies(plain.actions), ...kernelPolicies(DEFAULT_ASSURANCE_FLOORS) },
  };
  const duties = new Set(knownDuties(plain.actions));
  fc.assert(
    fc.property(request, (one) => {
      const action = plain.actions.find(({ room, name }) => room === one.room && name === one.operation);
      assert.ok(action);
      const attempt = attemptOf(one, duties);
      if (!principalTypes(action).includes(attempt.principal)) return;
      const answer = isAuthorized({ ...cedarJsonRequest(action, attempt), policies, schema, validateRequest: true });
      assert.equal(answer.type, "success", JSON.stringify(answer));
      if (answer.type !== "success") return;
      const decision = plain.decide(one);
      assert.equal(decision.allowed, answer.response.decision === "allow");
      assert.deepEqual([...decision.policies].sort(), [...answer.response.diagnostics.reason].sort());
    }),
    { numRuns: 60 },
  );
});
