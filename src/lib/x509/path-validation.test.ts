import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { DerError } from "#lib/asn1/der";
import { verifySigned } from "#lib/certificate/algorithms";
import { extendedKeyUsage } from "#lib/certificate/extensions";
import { readX509, type X509Certificate } from "./certificate.ts";
import {
  anchorOf,
  buildPath,
  type PathOptions,
  type PathProblem,
  type SignatureCheck,
  validatePath,
} from "./path-validation.ts";
import { ANY_POLICY } from "./policy-graph.ts";
import {
  AT_MS,
  alternativeNames,
  inhibitAnyPolicy,
  type Link,
  makeChain,
  NOT_AFTER,
  NOT_BEFORE,
  nameConstraints,
  policyConstraints,
  policyMappings,
  unknownExtension,
} from "./testing/chains.ts";
import { hasOpenssl, Openssl } from "./testing/openssl.ts";

const P = ["2.25.1.1", "2.25.1.2", "2.25.1.3"] as const;
const SEAL_USE = "1.3.6.1.5.5.7.3.36";
const LATER = Temporal.Instant.from("2028-01-01T00:00:00Z");
const EARLIER = Temporal.Instant.from("2026-06-01T00:00:00Z");

interface Case {
  readonly links: readonly Link[];
  /** What is wrong; absent, nothing. */
  readonly problem?: PathProblem;
  readonly options?: Partial<PathOptions>;
  /** The same options for the command. */
  readonly flags?: readonly string[];
  /** The verdicts differ, and why. */
  readonly differs?: string;
}

const under = (constraints: Parameters<typeof nameConstraints>, ...names: string[]): readonly Link[] => [
  { extensions: [nameConstraints(...constraints)] },
  names.length === 0 ? {} : { extensions: [alternativeNames(...names)] },
];

const CASES: Readonly<Record<string, Case>> = {
  "one certificate": { links: [{}] },
  "two authorities": { links: [{}, {}, {}] },
  expired: { links: [{}, { notAfter: EARLIER }], problem: "expired" },
  "an authority expired": { links: [{ notAfter: EARLIER }, {}], problem: "expired" },
  "not yet valid": { links: [{}, { notBefore: LATER }], problem: "not-yet-valid" },
  "another issuer": { links: [{}, { issuerName: "A9" }], problem: "wrong-issuer" },
  "forged holder": { links: [{}, { isForged: true }], problem: "signature" },
  "forged authority": { links: [{ isForged: true }, {}], problem: "signature" },
  "not an authority": { links: [{ isAuthority: false, keyUses: [] }, {}], problem: "not-an-authority" },
  "may not sign certificates": { links: [{ keyUses: ["crlSign"] }, {}], problem: "key-use" },
  "path length kept": { links: [{ pathLength: 1 }, {}, {}] },
  "path length exceeded": { links: [{ pathLength: 0 }, {}, {}], problem: "path-length" },
  "path length by the lower authority": {
    links: [{ pathLength: 5 }, { pathLength: 0 }, {}, {}],
    problem: "path-length",
  },
  "self-issued authorities do not count": { links: [{ name: "X", pathLength: 0 }, { name: "X" }, {}] },
  "unknown extension": { links: [{}, { extensions: [unknownExtension(false)] }] },
  "unknown critical extension": {
    links: [{}, { extensions: [unknownExtension(true)] }],
    problem: "unknown-critical-extension",
  },
  "unknown critical extension of an authority": {
    links: [{ extensions: [unknownExtension(true)] }, {}],
    problem: "unknown-critical-extension",
  },
  "host permitted": { links: under([["dns:qingyuan.example"]], "dns:a.qingyuan.example") },
  "host not permitted": {
    links: under([["dns:qingyuan.example"]], "dns:aqingyuan.example"),
    problem: "name-not-permitted",
  },
  "host excluded": {
    links: under([["dns:example"], ["dns:b.example"]], "dns:a.example", "dns:x.b.example"),
    problem: "name-not-permitted",
  },
  "host of another kind": { links: under([["dns:example"]], "email:a@elsewhere.example") },
  "wildcard that reaches an excluded host": {
    links: under([["dns:example"], ["dns:secret.b.example"]], "dns:*.b.example"),
    problem: "name-not-permitted",
    differs: "openssl compares the wildcard as a text",
  },
  "mailbox permitted": { links: under([["email:a@qingyuan.example"]], "email:a@QingYuan.example") },
  "mailbox of a host": { links: under([["email:qingyuan.example"]], "email:a@qingyuan.example") },
  "mailbox of a lower host": {
    links: under([["email:qingyuan.example"]], "email:a@x.qingyuan.example"),
    problem: "name-not-permitted",
  },
  "mailbox of a domain": { links: under([["email:.qingyuan.example"]], "email:a@x.qingyuan.example") },
  "mailbox excluded": {
    links: under([[], ["email:qingyuan.example"]], "email:a@qingyuan.example"),
    problem: "name-not-permitted",
  },
  "address permitted": { links: under([["ip:0a010000ffff0000"]], "ip:0a010203") },
  "address not permitted": { links: under([["ip:0a010000ffff0000"]], "ip:0a020203"), problem: "name-not-permitted" },
  "address excluded": { links: under([[], ["ip:0a010000ffff0000"]], "ip:0a010203"), problem: "name-not-permitted" },
  "address of version 6": {
    links: under(
      [["ip:20010db8000000000000000000000000ffffffff000000000000000000000000"]],
      "ip:20010db8000000000000000000000001",
    ),
  },
  "name permitted": { links: under([["dir:演示"]]) },
  "name not permitted": { links: under([["dir:别处"]]), problem: "name-not-permitted" },
  "name excluded": { links: under([[], ["dir:演示"]]), problem: "name-not-permitted" },
  "narrowed twice": {
    links: [
      { extensions: [nameConstraints(["dns:example"])] },
      { extensions: [nameConstraints(["dns:a.example", "dns:elsewhere"])] },
      { extensions: [alternativeNames("dns:elsewhere")] },
    ],
    problem: "name-not-permitted",
  },
  "a policy along the path": {
    links: [{ policies: [P[0]] }, { policies: [P[0]] }],
    options: { requireExplicitPolicy: true },
    flags: ["-explicit_policy", "-policy", ANY_POLICY],
  },
  "no policy where one must be": {
    links: [{ policies: [P[0]] }, { policies: [P[1]] }],
    options: { requireExplicitPolicy: true },
    flags: ["-explicit_policy"],
    problem: "policy",
  },
  "another policy than wanted": {
    links: [{ policies: [P[0]] }, { policies: [P[0]] }],
    options: { requireExplicitPolicy: true, policies: [P[1]] },
    flags: ["-explicit_policy", "-policy", P[1]],
    problem: "policy",
  },
  "an authority asks for a policy": {
    links: [{ extensions: [policyConstraints(0)] }, {}],
    problem: "policy",
  },
  "an authority asks for a policy further down": {
    links: [{ extensions: [policyConstraints(3)] }, {}],
  },
  "a mapped policy": {
    links: [{ policies: [P[0]], extensions: [policyMappings([P[0], P[1]])] }, { policies: [P[1]] }],
    options: { requireExplicitPolicy: true, policies: [P[0]] },
    flags: ["-explicit_policy", "-policy", P[0]],
  },
  "mapping inhibited": {
    links: [{ policies: [P[0]], extensions: [policyMappings([P[0], P[1]])] }, { policies: [P[1]] }],
    options: { requireExplicitPolicy: true, inhibitPolicyMapping: true },
    flags: ["-explicit_policy", "-inhibit_map"],
    problem: "policy",
  },
  "mapping inhibited from above": {
    links: [
      { policies: [P[0]], extensions: [policyConstraints(0, 0)] },
      { policies: [P[0]], extensions: [policyMappings([P[0], P[1]])] },
      { policies: [P[1]] },
    ],
    problem: "policy",
  },
  "any policy mapped": {
    links: [{ policies: [ANY_POLICY], extensions: [policyMappings([ANY_POLICY, P[1]])] }, { policies: [P[1]] }],
    problem: "policy",
  },
  "any policy": {
    links: [{ policies: [ANY_POLICY] }, { policies: [P[2]] }],
    options: { requireExplicitPolicy: true, policies: [P[2]] },
    flags: ["-explicit_policy", "-policy", P[2]],
  },
  "any policy inhibited": {
    links: [{ policies: [ANY_POLICY] }, { policies: [P[2]] }],
    options: { requireExplicitPolicy: true, inhibitAnyPolicy: true },
    flags: ["-explicit_policy", "-inhibit_any"],
    problem: "policy",
  },
  "any policy inhibited from above": {
    links: [
      { policies: [P[0]], extensions: [inhibitAnyPolicy(0), policyConstraints(0)] },
      { policies: [ANY_POLICY] },
      { policies: [P[0]] },
    ],
    problem: "policy",
  },
};

function validate(chain: readonly X509Certificate[], options: Partial<PathOptions> = {}) {
  const [anchor, ...path] = chain;
  assert(anchor);
  return validatePath(path, { anchor: anchorOf(anchor), atMs: AT_MS, verify: verifySigned, ...options });
}

const openssl = hasOpenssl() ? new Openssl() : undefined;
after(() => openssl?.close());

describe("a path", () => {
  for (const [title, { links, problem, options, flags = [], differs }] of Object.entries(CASES)) {
    test(`${title}: ${problem ?? "valid"}`, () => {
      const chain = makeChain(...links);
      const result = validate(chain, options);
      assert.equal(result.valid ? undefined : result.problem, problem);
    });
    test(`${title}: openssl judges alike`, (context) => {
      if (openssl === undefined) return context.skip("the openssl command is not installed");
      const verdict = openssl.verify(makeChain(...links), AT_MS, ...flags);
      assert.equal(verdict.isValid, differs === undefined ? problem === undefined : true, verdict.output);
    });
  }

  test("is valid from its first to its last second", () => {
    const chain = makeChain({}, {});
    const at = (atMs: number) => validate(chain, { atMs }).valid;
    const [first, last] = [NOT_BEFORE.epochMilliseconds, NOT_AFTER.epochMilliseconds];
    assert.deepEqual([at(first - 1), at(first), at(last), at(last + 1)], [false, true, true, false]);
  });

  test("leads to a holder whose key may be used so", () => {
    const seal = [extendedKeyUsage([SEAL_USE])];
    const problem = (...links: Link[]) => {
      const result = validate(makeChain(...links), { extendedKeyUse: SEAL_USE });
      return result.valid ? undefined : result.problem;
    };
    assert.equal(problem({}, { extensions: seal }), undefined);
    assert.equal(problem({ extensions: seal }, { extensions: seal }), undefined);
    assert.equal(problem({}, {}), "key-use");
    assert.equal(problem({ extensions: [extendedKeyUsage(["1.3.6.1.5.5.7.3.1"])] }, { extensions: seal }), "key-use");
  });

  test("tells revoked and unknown apart, and asks about each certificate with its issuer", () => {
    const chain = makeChain({}, {});
    const asked: string[] = [];
    const result = validate(chain, {
      status: (certificate, issuer) => {
        asked.push(`${certificate.issuer.key === issuer.name.key}`);
        return asked.length === 2 ? "revoked" : "good";
      },
    });
    assert.deepEqual(result, { valid: false, problem: "revoked", at: 1 });
    assert.deepEqual(asked, ["true", "true"]);
    assert.deepEqual(validate(chain, { status: () => "unknown" }), { valid: false, problem: "status-unknown", at: 0 });
  });

  test("is neither empty nor longer than its bound", () => {
    assert.deepEqual(validate(makeChain()), { valid: false, problem: "empty", at: 0 });
    const long = makeChain(...Array.from({ length: 11 }, () => ({})));
    assert.deepEqual(validate(long), { valid: false, problem: "too-long", at: 0 });
  });

  test("takes only a bounded time over names times constraints", () => {
    const many = (from: number) => Array.from({ length: 250 }, (_, at) => `dns:h${from + at}.example`);
    const chain = makeChain(
      { extensions: [nameConstraints([], many(0))] },
      { extensions: [nameConstraints([], many(1000)), alternativeNames(...many(5000))] },
      { extensions: [alternativeNames(...many(9000))] },
    );
    assert.deepEqual(validate(chain), { valid: false, problem: "too-complex", at: 2 });
  });

  test("takes only a bounded time over policies that multiply", () => {
    const policies = Array.from({ length: 12 }, (_, at) => `2.25.9.${at}`);
    const pairs = policies.flatMap((from) => policies.slice(0, 10).map((to) => [from, to] as const));
    const link = { policies, extensions: [policyMappings(...pairs)] };
    const chain = makeChain(...Array.from({ length: 9 }, () => link), { policies: policies.slice(0, 1) });
    const result = validate(chain, { requireExplicitPolicy: true });
    assert.ok(result.valid);
    assert.equal(result.policies.size, policies.length);
  });
});

describe("building a path", () => {
  const options = { atMs: AT_MS, verify: verifySigned };

  test("finds the way through certificates in any order", () => {
    const [anchor, ...path] = makeChain({}, {}, {});
    const holder = path.pop();
    assert(anchor && holder);
    const strangers = makeChain({ name: "B1" }, { name: "B2" }, {});
    const result = buildPath(holder, [...strangers, ...path.toReversed()], { ...options, anchors: [anchorOf(anchor)] });
    assert.ok(result.valid);
    assert.deepEqual(result.path, [...path, holder]);
    assert.equal(buildPath(holder, path, { ...options, anchors: [] }).valid, false);
  });

  test("tells what is wrong with the path that comes farthest", () => {
    const [anchor, authority, holder] = makeChain({}, { notAfter: EARLIER });
    assert(anchor && authority && holder);
    const result = buildPath(holder, [authority], { ...options, anchors: [anchorOf(anchor)] });
    assert.deepEqual(result, { valid: false, problem: "expired", at: 1 });
  });

  test("gives up on certificates that all could have signed each other", () => {
    const twin = { name: "T", extensions: [] };
    const [anchor] = makeChain();
    assert(anchor);
    const crowd = Array.from({ length: 30 }, (_, at) =>
      makeChain({ name: "T", issuerName: "T", notAfter: NOT_AFTER.subtract({ hours: at }) }, {}).slice(1, 2),
    ).flat();
    const holder = makeChain(twin, {}).at(-1);
    assert(holder);
    let signatures = 0;
    const verify = () => {
      signatures += 1;
      return false;
    };
    // Without key identifiers nothing tells that none of them fits.
    const blind = crowd.map((certificate) => ({ ...certificate, authorityKeyId: undefined, subjectKeyId: undefined }));
    const anchors = [{ ...anchorOf(anchor), name: holder.issuer, keyId: undefined }];
    const result = buildPath(holder, blind, { ...options, verify, anchors });
    assert.deepEqual(result, { valid: false, problem: "too-complex", at: 0 });
    assert.ok(signatures <= 64);
    const others = { ...options, verify, anchors: [] };
    assert.equal(buildPath(holder, blind, others).valid, false);
    assert.deepEqual(
      buildPath(
        holder,
        Array.from({ length: 65 }, () => holder),
        others,
      ),
      result,
    );
  });
});

describe("reading a certificate", () => {
  const [, holder] = makeChain({ extensions: [alternativeNames("dns:a.example", "ip:0a010203")], policies: [P[0]] });
  assert(holder);

  test("refuses whatever is cut, prolonged or changed in its structure, and throws nothing else", () => {
    const { der } = holder;
    for (let end = 0; end < der.length; end++) assert.throws(() => readX509(der.subarray(0, end)), DerError);
    assert.throws(() => readX509(Uint8Array.of(...der, 0)), DerError);
    let read = 0;
    for (let at = 0; at < der.length; at++) {
      for (const flip of [0x01, 0x20, 0x80, 0xff]) {
        const changed = Uint8Array.from(der);
        changed[at] = (changed[at] ?? 0) ^ flip;
        try {
          const certificate = readX509(changed);
          read += 1;
          const { signatureAlgorithm: algorithm, signedPart: signed, signature } = certificate;
          const check: SignatureCheck = { publicKeyInfo: holder.publicKeyInfo, algorithm, signed, signature };
          assert.equal(verifySigned(check), false);
        } catch (error) {
          assert.ok(error instanceof DerError, String(error));
        }
      }
    }
    assert.ok(read > 0);
  });

  test("refuses constraints of addresses that would silently constrain nothing", () => {
    assert.throws(() => makeChain({ extensions: [nameConstraints([], ["ip:0a01000000"])] }, {}), DerError);
    assert.throws(() => makeChain({ extensions: [alternativeNames("dns:a.example\u0000.evil.example")] }), DerError);
  });
});
