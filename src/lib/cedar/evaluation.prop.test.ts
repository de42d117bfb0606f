import assert from "node:assert/strict";
import { test } from "node:test";
import { type EntityJson, isAuthorized, policyToJson } from "@cedar-policy/cedar-wasm/nodejs";
import fc from "fast-check";
import type { CedarRequest } from "./expression.ts";
import { authorize, type CompiledPolicy, compilePolicy, outlook } from "./policy.ts";
import { indexPolicies } from "./policy-index.ts";
import { CedarRecord, CedarSet, Entity, UNKNOWN } from "./value.ts";

/** The reference is Cedar itself; policies are generated without regard to types, so that failing ones are met as well. */

const TYPES = ["Person", "Official"] as const;
const IDS = ["a", "b", '引"号'] as const;
const GROUPS = ["g", "h"] as const;

interface World {
  readonly principal: { readonly type: string; readonly id: string };
  readonly parents: readonly string[];
  readonly level: number | undefined;
  readonly context: {
    readonly n: number;
    readonly s: string;
    readonly b: boolean;
    readonly names: readonly string[];
    readonly maybe?: string;
    readonly who: { readonly type: string; readonly id: string };
    readonly inner: { readonly x: number };
  };
}

const reference = fc.record({ type: fc.constantFrom(...TYPES), id: fc.constantFrom(...IDS) });
const world: fc.Arbitrary<World> = fc.record({
  principal: reference,
  parents: fc.uniqueArray(fc.constantFrom(...GROUPS)),
  level: fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined }),
  context: fc.record(
    {
      n: fc.integer({ min: -3, max: 3 }),
      s: fc.constantFrom("", "a", "ab", "aab", "甲乙", "a*b", "b"),
      b: fc.boolean(),
      names: fc.array(fc.constantFrom("a", "b", "ab"), { maxLength: 3 }),
      maybe: fc.constantFrom("a", "b"),
      who: reference,
      inner: fc.record({ x: fc.integer({ min: 0, max: 2 }) }),
    },
    { requiredKeys: ["n", "s", "b", "names", "who", "inner"] },
  ),
});

const quoted = (value: string) => JSON.stringify(value);
const uid = ({ type, id }: { type: string; id: string }) => `${type}::${quoted(id)}`;

const { expression } = fc.letrec<{ expression: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom("true", "false", "context.b", "context.n", "context.s", "context.names", "principal", "action"),
    fc.constantFrom("context.maybe", "context.who", "context.inner.x", "principal.level", "resource", "context.inner"),
    fc.integer({ min: -3, max: 3 }).map((n) => (n < 0 ? `(${n})` : String(n))),
    fc.constantFrom("a", "ab", "甲乙").map(quoted),
    reference.map(uid),
    fc.constantFrom('Group::"g"', '[Group::"g", Group::"h"]', '["a", "b"]', "[]", '{"x": 1}'),
  ),
  expression: fc.oneof(
    { depthSize: "small", maxDepth: 8, withCrossShrink: true },
    tie("leaf"),
    fc
      .tuple(
        tie("expression"),
        fc.constantFrom("==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "in"),
        tie("expression"),
      )
      .map(([one, operator, other]) => `((${one}) ${operator} (${other}))`),
    tie("expression").map((part) => `!(${part})`),
    tie("expression").map((part) => `-(${part})`),
    fc
      .tuple(tie("expression"), fc.constantFrom("contains", "containsAll", "containsAny"), tie("expression"))
      .map(([one, method, other]) => `(${one}).${method}(${other})`),
    tie("expression").map((part) => `(${part}).isEmpty()`),
    tie("expression").map((part) => `((${part}) has maybe)`),
    tie("expression").map((part) => `((${part}) has inner.x)`),
    tie("expression").map((part) => `((${part}) has level)`),
    tie("expression").map((part) => `((${part}) is Person)`),
    tie("expression").map((part) => `((${part}) is Person in Group::"g")`),
    fc
      .tuple(tie("expression"), fc.constantFrom("a*", "*b", "a*b", "*", "", "*a*a*", "甲*", "a\\*b"))
      .map(([part, pattern]) => `((${part}) like "${pattern}")`),
    fc
      .tuple(tie("expression"), tie("expression"), tie("expression"))
      .map(([condition, yes, no]) => `(if ${condition} then ${yes} else ${no})`),
    fc.tuple(tie("expression"), tie("expression")).map(([one, other]) => `[${one}, ${other}]`),
    tie("expression").map((part) => `{"x": ${part}}`),
    tie("expression").map((part) => `(${part}).x`),
  ),
}));

const scope = fc.constantFrom(
  "principal",
  "principal is Person",
  'principal == Person::"a"',
  'principal in Group::"g"',
  'principal is Official in Group::"h"',
);
const actionScope = fc.constantFrom(
  "action",
  'action == Action::"read"',
  'action in Action::"query"',
  'action in [Action::"x"]',
);
/** What policies are looked up by, and what makes them fail there. */
const guard = fc.constantFrom(
  'context has maybe && context.maybe == "a"',
  'context has maybe && ["a", "b"].contains(context.maybe)',
  'context.maybe == "b"',
  'context has maybe && context.maybe like "a*"',
  'context.s == "a"',
  '"ab" == context.s',
  '["a", "ab", "a"].contains(context.s)',
  'context.s like "a*b"',
  'context.s like "aa*"',
  'context.s like "ab"',
  'context.n like "a*"',
  "context.n == 1",
  'context.who == Person::"a"',
  '[Person::"a", Official::"b"].contains(context.who)',
  'context.names.contains("a")',
  'context.s.contains("a")',
  'context.names == ["a"]',
  "context.inner.x == 1",
  "principal is Person && context has maybe",
  '!(principal in Group::"g") && context.b',
);
const condition = fc.oneof(
  expression,
  fc.array(guard, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(" && ")),
  fc.tuple(guard, expression).map(([first, rest]) => `${first} && (${rest})`),
  fc.tuple(expression, guard).map(([first, rest]) => `(${first}) && ${rest}`),
);
const policy = fc
  .tuple(
    fc.constantFrom("permit", "forbid"),
    scope,
    actionScope,
    fc.array(fc.tuple(fc.constantFrom("when", "unless"), condition), { maxLength: 2 }),
  )
  .map(([effect, who, what, conditions]) => {
    const clauses = conditions.map(([kind, body]) => `${kind} { ${body} }`).join(" ");
    return `${effect}(${who}, ${what}, resource) ${clauses};`;
  });

function compiled(sources: readonly string[]): CompiledPolicy[] {
  return sources.map((source, at) => {
    const answer = policyToJson(source);
    assert.ok(answer.type === "success", `${source}: ${JSON.stringify(answer)}`);
    return compilePolicy(`p${at}`, answer.json);
  });
}

const ACTION = new Entity("Action", "read");
const RESOURCE = new Entity("Room", "r");

function ours({ principal, parents, level, context }: World): CedarRequest {
  const who = new Entity(principal.type, principal.id);
  return {
    principal: who,
    action: ACTION,
    resource: RESOURCE,
    context: new CedarRecord([
      ["n", context.n],
      ["s", context.s],
      ["b", context.b],
      ["names", new CedarSet(context.names)],
      ["maybe", context.maybe],
      ["who", new Entity(context.who.type, context.who.id)],
      ["inner", new CedarRecord([["x", context.inner.x]])],
    ]),
    entity: ({ key }) => {
      if (key === who.key) {
        const ancestors = new Set(parents.map((id) => new Entity("Group", id).key));
        return { attributes: new CedarRecord([["level", level]]), ancestors };
      }
      return key === ACTION.key
        ? { attributes: new CedarRecord([]), ancestors: new Set([new Entity("Action", "query").key]) }
        : undefined;
    },
  };
}

function theirs({ principal, parents, level, context }: World) {
  const entities: EntityJson[] = [
    {
      uid: principal,
      attrs: level === undefined ? {} : { level },
      parents: parents.map((id) => ({ type: "Group", id })),
    },
    { uid: { type: "Action", id: "read" }, attrs: {}, parents: [{ type: "Action", id: "query" }] },
  ];
  return {
    principal,
    action: { type: "Action", id: "read" },
    resource: { type: "Room", id: "r" },
    context: { ...context, names: [...context.names], who: { __entity: context.who } },
    entities,
  };
}

test("policies are decided as Cedar decides them, with the same reasons and the same failures", () => {
  fc.assert(
    fc.property(fc.array(policy, { minLength: 1, maxLength: 12 }), world, (sources, one) => {
      const answer = isAuthorized({
        ...theirs(one),
        policies: { staticPolicies: Object.fromEntries(sources.map((source, at) => [`p${at}`, source])) },
      });
      assert.ok(answer.type === "success", JSON.stringify(answer));
      const { decision, diagnostics } = answer.response;
      const own = authorize(indexPolicies(compiled(sources)), ours(one));
      assert.deepEqual(own.failed.toSorted(), diagnostics.errors.map(({ policyId }) => policyId).toSorted());
      assert.equal(own.allowed, decision === "allow");
      assert.deepEqual(own.reasons, diagnostics.reason.toSorted());
    }),
    { numRuns: 500 },
  );
});

test("what is unknown is taken as possible: no answer that a value can bring is left out", () => {
  const names = ["n", "s", "b", "names", "maybe", "who", "inner"] as const;
  fc.assert(
    fc.property(policy, world, fc.subarray([...names]), (source, one, hidden) => {
      const policies = compiled([source]);
      const known = ours(one);
      const partial = {
        ...known,
        context: new CedarRecord(
          names.map((name) => [name, hidden.includes(name) ? UNKNOWN : known.context.get(name)] as const),
        ),
      };
      const { permits, forbids, mayForbid } = outlook(policies, partial);
      const whole = authorize(indexPolicies(policies), known);
      if (whole.failed.length > 0) return;
      if (whole.reasons.length > 0) assert.ok([...permits, ...forbids, ...mayForbid].includes("p0"));
      else assert.deepEqual(forbids, []);
    }),
    { numRuns: 2_000 },
  );
});

test("what the evaluator does not carry is refused when it is compiled", () => {
  const refuse = (condition: string) => {
    const answer = policyToJson(`permit(principal, action, resource) when { ${condition} };`);
    assert.ok(answer.type === "success");
    assert.throws(() => compilePolicy("p", answer.json), { name: "UnsupportedPolicyError" });
  };
  refuse('ip("10.0.0.1").isLoopback()');
  refuse('decimal("1.5").lessThan(decimal("2.0"))');
  refuse("context.n == 9007199254740993");
  refuse(`${"!".repeat(4)}${"(context.b && ".repeat(70)}true${")".repeat(70)}`);
});
