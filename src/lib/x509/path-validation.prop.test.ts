import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { verifySigned } from "#lib/certificate/algorithms";
import type { NewExtension } from "#lib/certificate/extensions";
import { anchorOf, validatePath } from "./path-validation.ts";
import { ANY_POLICY } from "./policy-graph.ts";
import {
  AT_MS,
  alternativeNames,
  inhibitAnyPolicy,
  type Link,
  makeChain,
  nameConstraints,
  policyConstraints,
  policyMappings,
} from "./testing/chains.ts";
import { hasOpenssl, Openssl } from "./testing/openssl.ts";

const RUNS = 150;
const POLICIES = ["2.25.1.1", "2.25.1.2", "2.25.1.3"];
const openssl = hasOpenssl() ? new Openssl() : undefined;
after(() => openssl?.close());

const some = <Value>(values: readonly Value[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
const seldom = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 3 });
const count = fc.nat({ max: 2 });

const policies = seldom(some([...POLICIES, ANY_POLICY]));
const mappings = seldom(
  fc.uniqueArray(fc.tuple(fc.constantFrom(...POLICIES), fc.constantFrom(...POLICIES)), {
    minLength: 1,
    maxLength: 3,
    selector: ([from, to]) => `${from} ${to}`,
  }),
);
const HOSTS = ["example", "a.example", "b.example", "c.a.example", "other"];
const BOXES = ["a.example", ".example", "x@a.example"];

const authority = fc
  .record({
    policies,
    mappings,
    inhibitAny: seldom(count),
    constraints: seldom(fc.tuple(seldom(count), seldom(count))),
    permitted: some([...HOSTS.map((host) => `dns:${host}`), ...BOXES.map((box) => `email:${box}`)]),
    excluded: some(["dns:c.a.example", "email:b.example", "ip:0a010000ffff0000"]),
    pathLength: seldom(count),
    name: fc.constantFrom("X", "Y", "Z"),
  })
  .map((given): Link => {
    const extensions: NewExtension[] = [];
    if (given.mappings !== undefined) extensions.push(policyMappings(...given.mappings));
    if (given.inhibitAny !== undefined) extensions.push(inhibitAnyPolicy(given.inhibitAny));
    const [explicit, mapping] = given.constraints ?? [];
    if (explicit !== undefined || mapping !== undefined) extensions.push(policyConstraints(explicit, mapping));
    if (given.permitted.length + given.excluded.length > 0)
      extensions.push(nameConstraints(given.permitted, given.excluded));
    return {
      name: given.name,
      extensions,
      ...(given.policies !== undefined && given.policies.length > 0 && { policies: given.policies }),
      ...(given.pathLength !== undefined && { pathLength: given.pathLength }),
    };
  });

const holder = fc
  .record({ policies, names: some(["dns:x.a.example", "dns:c.a.example", "email:x@a.example", "ip:0a010203"]) })
  .map(
    (given): Link => ({
      ...(given.policies !== undefined && given.policies.length > 0 && { policies: given.policies }),
      ...(given.names.length > 0 && { extensions: [alternativeNames(...given.names)] }),
    }),
  );

const question = fc.record({
  requireExplicitPolicy: fc.boolean(),
  inhibitPolicyMapping: fc.boolean(),
  inhibitAnyPolicy: fc.boolean(),
  policies: seldom(some(POLICIES)),
});

describe("path validation", () => {
  test("gives the verdict that openssl gives", (context) => {
    if (openssl === undefined) return context.skip("the openssl command is not installed");
    let valid = 0;
    fc.assert(
      fc.property(fc.array(authority, { minLength: 1, maxLength: 4 }), holder, question, (authorities, last, asked) => {
        const chain = makeChain(...authorities, last);
        const [anchor, ...path] = chain;
        assert(anchor);
        const { policies: wanted = [], ...switches } = asked;
        const options = { ...switches, ...(wanted.length > 0 && { policies: wanted }) };
        const ours = validatePath(path, { anchor: anchorOf(anchor), atMs: AT_MS, verify: verifySigned, ...options });
        const flags = [
          ...(asked.requireExplicitPolicy ? ["-explicit_policy"] : []),
          ...(asked.inhibitPolicyMapping ? ["-inhibit_map"] : []),
          ...(asked.inhibitAnyPolicy ? ["-inhibit_any"] : []),
          // Without any the command takes none for wanted, RFC 5280 §6.1.1 c every one.
          ...(wanted.length > 0 ? wanted : [ANY_POLICY]).flatMap((policy) => ["-policy", policy]),
        ];
        const theirs = openssl.verify(chain, AT_MS, ...flags);
        // openssl 3.0 maps policies of an authority that has anyPolicy alone although anyPolicy is inhibited; RFC 5280 §6.1.4 b maps
        // what is in the tree, and there anyPolicy is not.
        const mapsAny = authorities.some(
          (one) => one.policies?.includes(ANY_POLICY) && one.extensions?.some(({ id }) => id === "2.5.29.33"),
        );
        if (mapsAny && !ours.valid && ours.problem === "policy" && theirs.isValid) return;
        assert.equal(ours.valid, theirs.isValid, `${JSON.stringify(ours.valid ? "valid" : ours)} / ${theirs.output}`);
        if (ours.valid) valid += 1;
      }),
      { numRuns: RUNS },
    );
    assert.ok(valid > 0);
  });
});
