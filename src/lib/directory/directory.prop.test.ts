import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { sixDigits } from "./division.ts";
import { readDocument, writeDocument } from "./document.ts";
import type { Hosting, PartDocument, PartHead, Renumbering, SignedPart } from "./entries.ts";
import { formatHead, parseHead } from "./head.ts";
import { openDirectory } from "./open.ts";
import { readNote } from "./part.ts";
import {
  authorityId,
  authorityOf,
  documentOf,
  editionOf,
  ISSUED,
  knownOf,
  NOW,
  nodeOf,
  signerOf,
  UNTIL,
  verifierKeyOf,
} from "./testing.ts";
import { assemble } from "./view.ts";

const pair = fc.constantFrom("00", "01", "02", "03");
/** Few of them, so that they meet. */
const division = fc
  .tuple(fc.constantFrom("98", "99"), pair, pair)
  .map(([province, city, county]) => (city === "00" ? `${province}0000` : `${province}${city}${county}`));
const room = fc.constantFrom("population", "quality");
const nodes = ["centre", "one", "two", "three"];
const hostings: fc.Arbitrary<Hosting[]> = fc.uniqueArray(
  fc.record({ room, division: fc.oneof(division, fc.constant("000000")), node: fc.constantFrom(...nodes) }),
  { selector: (hosting) => `${hosting.room} ${hosting.division}`, maxLength: 12 },
);
const renumberings: fc.Arbitrary<Renumbering[]> = fc
  .uniqueArray(fc.record({ from: division, to: division, since: fc.constant("2026-01-01") }), {
    selector: ({ from }) => from,
    maxLength: 6,
  })
  .map((all) => all.filter(({ from, to }) => from !== to));
const said = fc.record({ hostings, renumberings });

function frameOf(rest: Partial<PartDocument>): PartDocument {
  return documentOf("000000", {
    nodes: nodes.map((code) => nodeOf(code, "000000", code === "centre" ? {} : { above: "centre" })),
    ...rest,
  });
}

/** What the words say, as slow as they are: undefined in a circle. */
function followedSlowly(code: string, all: readonly Renumbering[]): string | undefined {
  let at = code;
  for (let steps = 0; steps <= all.length; steps++) {
    const step = all.find(({ from }) => from === at);
    if (step === undefined) return at;
    at = step.to;
  }
  return undefined;
}

const digits = (code: string) => code.replace(/(?:00)+$/, "");

describe("looking up", () => {
  test("the host is the node with the closest division, under today's codes", () => {
    fc.assert(
      fc.property(said, division, room, ({ hostings: all, renumberings: changes }, asked, wanted) => {
        const view = assemble({
          now: NOW,
          self: "one",
          parts: [frameOf({ hostings: all, renumberings: changes })],
          isPartial: false,
        });
        const resolved = all.map((one) => ({ ...one, division: followedSlowly(one.division, changes) }));
        const isCircular = changes.some(({ from }) => followedSlowly(from, changes) === undefined);
        const isDouble = new Set(resolved.map((one) => `${one.room} ${one.division}`)).size < all.length;
        if ("fault" in view) {
          assert.equal(view.fault, isCircular ? "circular" : "duplicate");
          assert.ok(isCircular || isDouble);
          return;
        }
        assert.ok(!isCircular && !isDouble);
        const target = followedSlowly(asked, changes) ?? "";
        const [best] = resolved
          .filter((one) => one.room === wanted && target.startsWith(digits(one.division ?? "")))
          .sort((a, b) => digits(b.division ?? "").length - digits(a.division ?? "").length);
        assert.equal(view.hostOf(wanted, asked), best?.node);
        assert.equal(view.division(asked), target);
      }),
    );
  });

  test("whatever is asked, an answer or none comes back", () => {
    const view = assemble({ self: "one", now: NOW, parts: [frameOf({})], isPartial: false });
    assert.ok(!("fault" in view));
    fc.assert(
      fc.property(fc.string(), (written) => {
        assert.equal(view.division(written), sixDigits(written));
        assert.equal(
          view.node(written)?.code,
          nodes.find((code) => code === written),
        );
        assert.equal(view.hostOf(written, written), undefined);
        assert.equal(view.authority(written), undefined);
      }),
    );
  });

  test("every authority that was merged leads to one that was not", () => {
    const mergers = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(mergers, (targets) => {
        // Each may be merged into a later one alone: no circle.
        const authorities = [...targets, 0].map((skip, at) => {
          const into = at + 1 + skip;
          return into > targets.length
            ? authorityOf(at, "990000")
            : authorityOf(at, "990000", { state: "merged", into: authorityId(into) });
        });
        const view = assemble({ self: "one", now: NOW, parts: [frameOf({ authorities })], isPartial: false });
        assert.ok(!("fault" in view));
        for (const { id, code } of authorities) {
          assert.equal(view.authority(id)?.state, "active");
          assert.equal(view.authorityOfCode(code), view.authority(id));
        }
      }),
    );
  });
});

describe("writing down", () => {
  test("a document is read as it was written, and in no other spelling", () => {
    fc.assert(
      fc.property(said, (rest) => {
        const document = frameOf(rest);
        const written = writeDocument(document);
        assert.deepEqual(readDocument(written), JSON.parse(JSON.stringify(document)));
        assert.equal(readDocument(` ${written}`), undefined);
        assert.equal(readDocument(written.replace(/^\{/, '{"zz":1,')), undefined);
      }),
    );
  });

  test("a head is read as it was written", () => {
    const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes.toHex());
    const keys = fc.array(
      fc.integer({ min: 1, max: 9 }).map((n) => verifierKeyOf(signerOf("centre", n))),
      { minLength: 1, maxLength: 4 },
    );
    const head: fc.Arbitrary<PartHead> = fc.record({
      division,
      version: fc.integer({ min: 2, max: 1e9 }),
      previous: digest,
      document: digest,
      keys,
      issued: fc.constant(ISSUED),
      until: fc.constant(UNTIL),
    });
    fc.assert(
      fc.property(head, (one) => {
        assert.deepEqual(parseHead(formatHead(one)), { ...one });
      }),
    );
  });

  test("no other text is a head", () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(parseHead(text), undefined)));
  });
});

describe("a chain of editions", () => {
  const centre = signerOf("centre");
  const anchor = [verifierKeyOf(centre)];
  /** As many as are asked for; the keys change after some of them. */
  function chainOf(changes: readonly boolean[]): SignedPart[] {
    const editions = [editionOf({ document: frameOf({}), signers: [centre] })];
    let signer = centre;
    for (const [at, changed] of changes.entries()) {
      const next = changed ? signerOf(`centre-${at}`, at + 2) : signer;
      const signers = changed ? [signer, next] : [signer];
      const document = frameOf({ hostings: [{ room: `room-${at}`, division: "000000", node: "one" }] });
      editions.push(editionOf({ document, signers, keys: [verifierKeyOf(next)] }, editions.at(-1)));
      signer = next;
    }
    return editions;
  }
  const chains = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }).map(chainOf);

  test("is taken from any version to any later one, and never back", () => {
    fc.assert(
      fc.property(chains, fc.nat(), fc.nat(), (editions, a, b) => {
        const [from, to] = [a % editions.length, b % editions.length];
        const take = (upTo: number, since: number, known: ReturnType<typeof knownOf>) => {
          const between = editions.slice(since + 1, upTo).map(({ note }) => note);
          return openDirectory([{ ...(editions[upTo] as SignedPart), between }], {
            anchor,
            self: "one",
            now: NOW,
            known,
          });
        };
        const first = take(0, 0, new Map());
        assert.ok(first.kind === "open");
        const before = take(from, 0, knownOf(first.parts));
        assert.ok(before.kind === "open", JSON.stringify(before));
        const after = take(to, from, knownOf(before.parts));
        assert.equal(after.kind === "open" ? undefined : after.fault, to < from ? "rolled-back" : undefined);
      }),
      { numRuns: 40 },
    );
  });

  test("is not believed with one character changed", () => {
    const [first, second] = chainOf([false]) as [SignedPart, SignedPart];
    const start = openDirectory([first], { anchor, self: "one", now: NOW, known: new Map() });
    assert.ok(start.kind === "open");
    const known = knownOf(start.parts);
    fc.assert(
      fc.property(fc.boolean(), fc.nat(), fc.constantFrom("0", "1", "a", "A", "z", " ", "\n"), (inNote, at, to) => {
        const original = inNote ? second.note : second.document;
        const place = at % original.length;
        fc.pre(original[place] !== to);
        const changed = original.slice(0, place) + to + original.slice(place + 1);
        const part = inNote ? { ...second, note: changed } : { ...second, document: changed };
        assert.equal(openDirectory([part], { anchor, self: "one", now: NOW, known }).kind, "refused");
        assert.ok(readNote(second.note));
      }),
    );
  });
});
