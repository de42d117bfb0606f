import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateSm2Key } from "#lib/crypto/sm2/keys";
import { text } from "#lib/language/text";
import { formatSuiteVerifierKey, suiteNoteVerifier } from "#lib/merkle/suite-note";
import type { PartDocument, SignedPart } from "./entries.ts";
import { type OpenOptions, openDirectory } from "./open.ts";
import type { PartSigner } from "./part.ts";
import {
  authorityId,
  authorityOf,
  documentOf,
  editionOf,
  knownOf,
  NOW,
  nodeOf,
  signerOf,
  UNTIL,
  verifierKeyOf,
} from "./testing.ts";

const centre = signerOf("centre");
const province = signerOf("province", 2);
const frameSays = {
  nodes: [nodeOf("centre", "000000"), nodeOf("province", "990000", { certificates: ["ab".repeat(32)] })],
  hostings: [
    { room: "identity", division: "000000", node: "centre" },
    { room: "population", division: "990000", node: "province" },
  ],
  delegations: [{ division: "990000", keys: [verifierKeyOf(province)] }],
};
const frameDocument = documentOf("000000", frameSays);
const partDocument = documentOf("990000", {
  nodes: [nodeOf("county", "990101", { above: "province" })],
  hostings: [{ room: "population", division: "990101", node: "county" }],
  authorities: [authorityOf(1, "990101")],
});
const frame = editionOf({ document: frameDocument, signers: [centre] });
const part = editionOf({ document: partDocument, signers: [province] });
const options: OpenOptions = { anchor: [verifierKeyOf(centre)], self: "county", now: NOW, known: new Map() };

function open(parts: readonly SignedPart[], changed: Partial<OpenOptions> = {}) {
  const opened = openDirectory(parts, { ...options, ...changed });
  assert.ok(opened.kind === "open", JSON.stringify(opened));
  return opened;
}

function faultOf(parts: readonly SignedPart[], changed: Partial<OpenOptions> = {}) {
  const opened = openDirectory(parts, { ...options, ...changed });
  return opened.kind === "open" ? undefined : `${opened.fault} ${opened.part}`;
}

/** A frame that says something else, and the part. */
const withFrame = (said: Partial<PartDocument>) => [
  editionOf({ document: documentOf("000000", { ...frameSays, ...said }), signers: [centre] }),
  part,
];
const withPart = (said: Partial<PartDocument>) => [
  frame,
  editionOf({ document: { ...partDocument, ...said }, signers: [province] }),
];
const known = knownOf(open([frame, part]).parts);

describe("a directory in order", () => {
  test("says where rooms are, who shows a certificate, and for whom a node speaks", () => {
    const { view, until, lapsed } = open([part, frame]);
    assert.equal(until, UNTIL);
    assert.deepEqual(lapsed, []);
    assert.equal(view.self, "county");
    assert.equal(view.hostOf("population", "990101"), "county");
    assert.equal(view.hostOf("population", "990102001"), "province");
    assert.equal(view.hostOf("population", "98"), undefined);
    assert.equal(view.hostOf("identity", "990101"), "centre");
    assert.equal(view.nodeOfCertificate("ab".repeat(32))?.code, "province");
    assert.deepEqual(
      view.nodes().map(({ code }) => code),
      ["centre", "county", "province"],
    );
    for (const [node, division, speaks] of [
      ["county", "990101", true],
      ["province", "990101", false],
      ["province", "9901", true],
      ["centre", "990000", false],
      ["centre", "110000", true],
      ["county", "990102", false],
    ] as const) {
      assert.equal(view.speaksFor(node, division), speaks, `${node} ${division}`);
    }
  });

  test("names the roots below which a division's seals stand: those of the closest that names any, by whoever speaks for it", () => {
    const anchor = (division: string, certificate: string) => ({ division, name: text("样本", "Sample"), certificate });
    const countySigner = signerOf("county", 4);
    const parts = [
      editionOf({ document: { ...frameDocument, anchors: [anchor("000000", "AAAA")] }, signers: [centre] }),
      editionOf({
        document: {
          ...partDocument,
          anchors: [anchor("990000", "BBBB"), anchor("990101", "CCCC"), anchor("990102", "DDDD")],
          delegations: [{ division: "990101", keys: [verifierKeyOf(countySigner)] }],
        },
        signers: [province],
      }),
    ];
    const own = editionOf({
      document: documentOf("990101", { anchors: [anchor("990101", "EEEE")] }),
      signers: [countySigner],
    });
    const rootsOf = (all: readonly SignedPart[], division: string) =>
      open(all)
        .view.anchors(division)
        .map(({ certificate }) => certificate);
    assert.deepEqual(rootsOf(parts, "990101"), ["CCCC"]);
    const all = [...parts, own];
    assert.deepEqual(rootsOf(all, "990101"), ["EEEE"], "what the part above says of it counts no more");
    assert.deepEqual(rootsOf(all, "990102001"), ["DDDD"]);
    assert.deepEqual(rootsOf(all, "990103"), ["BBBB"]);
    assert.deepEqual(rootsOf(all, "110000"), ["AAAA"]);
    assert.deepEqual(rootsOf(all, "nowhere"), []);
    const everywhere = open(all)
      .view.allAnchors()
      .map(({ certificate }) => certificate);
    assert.deepEqual(everywhere.toSorted(), ["AAAA", "BBBB", "DDDD", "EEEE"]);
  });

  test("needs no part that was delegated but never published", () => {
    assert.equal(open([frame]).view.hostOf("population", "990101"), "province");
  });

  test("lets a part delegate further down", () => {
    const city = signerOf("city", 3);
    const parts = [
      ...withPart({ delegations: [{ division: "990100", keys: [verifierKeyOf(city)] }] }),
      editionOf({
        document: documentOf("990100", { hostings: [{ room: "quality", division: "990100", node: "county" }] }),
        signers: [city],
      }),
    ];
    assert.equal(open(parts).view.hostOf("quality", "990101"), "county");
    assert.equal(faultOf([frame, part, parts[2] as SignedPart]), "unsigned 990100");
  });
});

describe("who signed", () => {
  test("nobody who may", () => {
    assert.equal(faultOf([frame, part], { anchor: [verifierKeyOf(province)] }), "unsigned 000000");
    assert.equal(faultOf([frame, editionOf({ document: partDocument, signers: [centre] })]), "unsigned 990000");
    assert.equal(faultOf([part]), "missing 000000");
  });

  test("one signer signs with all of the keys under his name", () => {
    const sm2 = generateSm2Key(new Uint8Array(48).fill(1));
    const second: PartSigner = { name: "centre", key: sm2, randomness: new Uint8Array(32) };
    const both = [verifierKeyOf(centre), formatSuiteVerifierKey(suiteNoteVerifier("centre", sm2.publicKey))];
    const signed = editionOf({ document: frameDocument, signers: [centre, second], keys: both });
    assert.equal(faultOf([signed, part], { anchor: both }), undefined);
    const stripped = signed.note.split("\n").toSpliced(-2, 1).join("\n");
    assert.equal(faultOf([{ ...signed, note: stripped }, part], { anchor: both }), "unsigned 000000");
  });

  test("a centre changes its keys, and whoever was away follows", () => {
    const next = signerOf("centre-2", 4);
    const second = editionOf({ document: frameDocument, signers: [centre, next], keys: [verifierKeyOf(next)] }, frame);
    const third = editionOf({ document: frameDocument, signers: [next] }, second);
    const between = [second.note];
    assert.equal(faultOf([{ ...third, between }, part], { known }), undefined);
    assert.equal(faultOf([third, part], { known }), "broken-chain 000000");
    assert.equal(faultOf([third, part]), "unsigned 000000");
    assert.equal(faultOf([third, part], { anchor: [verifierKeyOf(next)] }), undefined);
    const bySecondAlone = editionOf({ document: frameDocument, signers: [next] }, frame);
    assert.equal(faultOf([bySecondAlone, part], { known }), "unsigned 000000");
  });
});

describe("what was taken before", () => {
  const second = editionOf({ document: partDocument, signers: [province] }, part);
  const knowsSecond = knownOf(open([frame, second]).parts);

  test("is not taken back", () => {
    assert.equal(faultOf([frame, part], { known: knowsSecond }), "rolled-back 990000");
    assert.equal(faultOf([frame], { known: knowsSecond }), "missing 990000");
    assert.equal(faultOf([frame, second], { known: knowsSecond }), undefined);
  });

  test("is not contradicted", () => {
    const other = withPart({ hostings: [] });
    assert.equal(faultOf(other, { known }), "forked 990000");
    const onOther = editionOf({ document: partDocument, signers: [province] }, other[1]);
    assert.equal(faultOf([frame, onOther], { known }), "forked 990000");
  });

  test("is led on from without a gap", () => {
    const third = editionOf({ document: partDocument, signers: [province] }, second);
    assert.equal(faultOf([frame, third], { known }), "broken-chain 990000");
    assert.equal(faultOf([frame, { ...third, between: [part.note, second.note] }], { known }), undefined);
    const other = editionOf({ document: documentOf("990000"), signers: [province] }, part);
    assert.equal(faultOf([frame, { ...third, between: [other.note] }], { known }), "broken-chain 990000");
  });

  test("is not forgotten: nodes, authorities, divisions, and that they ended", () => {
    const then = (said: Partial<PartDocument>) =>
      faultOf([frame, editionOf({ document: { ...partDocument, ...said }, signers: [province] }, part)], { known });
    assert.equal(then({ nodes: [], hostings: [] }), "forgotten 990000");
    assert.equal(then({ authorities: [] }), "forgotten 990000");
    assert.equal(then({ authorities: [authorityOf(1, "990101", { code: "A-2" })] }), "forgotten 990000");
    assert.equal(then({ authorities: [authorityOf(1, "990101", { state: "abolished" })] }), undefined);
  });

  test("keeps each log for its node: who lists another's name is not believed, and what was listed twice before stays", () => {
    const logOf = (name: string, number: number) => ({ logKeys: [verifierKeyOf(signerOf(name, number))] });
    const [county] = partDocument.nodes;
    assert.ok(county);
    const own = { ...partDocument, nodes: [{ ...county, ...logOf("county/log", 7) }] };
    const first = editionOf({ document: own, signers: [province] });
    const since = knownOf(open([frame, first]).parts);
    const thief = nodeOf("thief", "990102", { above: "province", state: "left", ...logOf("county/log", 8) });
    const second = editionOf({ document: { ...own, nodes: [...own.nodes, thief] }, signers: [province] }, first);
    assert.equal(faultOf([frame, second], { known: since }), "duplicate 990000");
    assert.equal(
      faultOf([frame, second]),
      undefined,
      "by whoever reads it for the first time: nobody can say who came first",
    );
    const third = editionOf(
      { document: { ...own, nodes: [...own.nodes, thief], hostings: [] }, signers: [province] },
      second,
    );
    assert.equal(faultOf([frame, third], { known: knownOf(open([frame, second]).parts) }), undefined);
    // The centre's own frame may not either, and a node may change the key of its log.
    const claiming = {
      ...frameSays,
      nodes: [...frameSays.nodes, nodeOf("new", "000000", { ...logOf("county/log", 8), above: "centre" })],
    };
    const next = editionOf({ document: documentOf("000000", claiming), signers: [centre] }, frame);
    assert.equal(faultOf([next, first], { known: since }), "duplicate 000000");
    const renewed = { ...own, nodes: [{ ...county, ...logOf("county/log", 9) }] };
    assert.equal(
      faultOf([frame, editionOf({ document: renewed, signers: [province] }, first)], { known: since }),
      undefined,
    );
  });

  test("may go to another part", () => {
    const [county] = partDocument.nodes;
    const moved = [
      editionOf(
        {
          document: documentOf("000000", { ...frameSays, nodes: [...frameSays.nodes, ...(county ? [county] : [])] }),
          signers: [centre],
        },
        frame,
      ),
      editionOf({ document: { ...partDocument, nodes: [] }, signers: [province] }, part),
    ];
    assert.equal(faultOf(moved, { known }), undefined);
  });
});

describe("the end of a part", () => {
  test("of the frame ends the directory", () => {
    assert.equal(faultOf([frame, part], { now: UNTIL }), "expired 000000");
  });

  test("of a province ends what it says, and no more", () => {
    const document = documentOf("000000", {
      ...frameSays,
      hostings: [...frameSays.hostings, { room: "quality", division: "990101", node: "county" }],
    });
    const early = editionOf({ document: partDocument, signers: [province], until: "2026-11-10T00:00:00Z" });
    const { view, lapsed } = open([editionOf({ document, signers: [centre] }), early]);
    assert.deepEqual(lapsed, ["990000"]);
    assert.equal(view.hostOf("population", "990101"), "province");
    assert.equal(view.hostOf("quality", "990101"), undefined);
    assert.equal(view.node("county"), undefined);
  });
});

describe("what parts may not say", () => {
  const county = nodeOf("county", "990101", { above: "province" });
  const cases: readonly [string, readonly SignedPart[], string][] = [
    ["a node elsewhere", withPart({ nodes: [nodeOf("county", "980101")] }), "outside 990000"],
    ["a room elsewhere", withPart({ hostings: [{ room: "a", division: "000000", node: "county" }] }), "outside 990000"],
    ["an authority elsewhere", withPart({ authorities: [authorityOf(1, "980101")] }), "outside 990000"],
    [
      "a division elsewhere",
      withPart({ renumberings: [{ from: "990102", to: "980102", since: "2026-01-01" }] }),
      "outside 990000",
    ],
    [
      "who else may sign",
      withPart({ delegations: [{ division: "990000", keys: [verifierKeyOf(centre)] }] }),
      "outside 990000",
    ],
    [
      "a root elsewhere",
      withPart({ anchors: [{ division: "000000", name: county.name, certificate: "AAAA" }] }),
      "outside 990000",
    ],
    ["a code twice", withPart({ nodes: [county, nodeOf("centre", "990000")] }), "duplicate 990000"],
    [
      "a certificate of another",
      withPart({ nodes: [{ ...county, certificates: ["ab".repeat(32)] }] }),
      "duplicate 990000",
    ],
    [
      "a room twice",
      withPart({ hostings: [{ room: "population", division: "990000", node: "county" }] }),
      "duplicate 990000",
    ],
    [
      "an authority's code twice",
      withPart({ authorities: [authorityOf(1, "990101"), authorityOf(2, "990101", { code: "A-1" })] }),
      "duplicate 990000",
    ],
    [
      "a part twice",
      withFrame({ delegations: [...frameSays.delegations, ...frameSays.delegations] }),
      "duplicate 000000",
    ],
    [
      "a room where nobody is",
      withPart({ hostings: [{ room: "a", division: "990101", node: "nobody" }] }),
      "dangling 990000",
    ],
    ["a room of a node that left", withPart({ nodes: [{ ...county, state: "left" }] }), "dangling 990000"],
    ["a node below none", withPart({ nodes: [{ ...county, above: undefined }] }), "dangling 990000"],
    [
      "a merger with nobody",
      withPart({ authorities: [authorityOf(1, "990101", { state: "merged", into: authorityId(9) })] }),
      "dangling 990000",
    ],
    ["a node below itself", withPart({ nodes: [{ ...county, above: "county" }] }), "circular 990000"],
    [
      "divisions in a circle",
      withPart({
        renumberings: [
          { from: "990101", to: "990102", since: "2026-01-01" },
          { from: "990102", to: "990101", since: "2026-01-01" },
        ],
      }),
      "circular 990000",
    ],
  ];
  for (const [what, parts, fault] of cases) test(what, () => assert.equal(faultOf(parts), fault));

  test("an address of the intranet", () => {
    assert.throws(() => withPart({ nodes: [{ ...county, zone: "intranet" }] }), RangeError);
    assert.equal(faultOf(withPart({ nodes: [{ ...county, zone: "intranet", exchange: undefined }] })), undefined);
  });
});

describe("old identifiers", () => {
  const { view } = open(
    withPart({
      nodes: [
        nodeOf("county", "990101", { above: "province", certificates: ["cd".repeat(32)] }),
        nodeOf("gone", "990103", { above: "province", certificates: ["ef".repeat(32)], state: "left" }),
      ],
      authorities: [
        authorityOf(1, "990101", { state: "merged", into: authorityId(2) }),
        authorityOf(2, "990101", { state: "merged", into: authorityId(3) }),
        authorityOf(3, "990109"),
        authorityOf(4, "990101", { state: "abolished" }),
      ],
      renumberings: [
        { from: "990101", to: "990108", since: "2020-01-01" },
        { from: "990108", to: "990109", since: "2024-01-01" },
      ],
    }),
  );

  test("lead to what stands today", () => {
    assert.equal(view.authority(authorityId(1))?.id, authorityId(3));
    assert.equal(view.authorityOfCode("A-2")?.id, authorityId(3));
    assert.equal(view.authority(authorityId(4))?.state, "abolished");
    assert.equal(view.authority(authorityId(9)), undefined);
    assert.equal(view.division("990101"), "990109");
    assert.equal(view.division("9901"), "990100");
    assert.equal(view.division("9"), undefined);
    for (const division of ["990101", "990108", "990109", "990109001"]) {
      assert.equal(view.hostOf("population", division), "county");
      assert.ok(view.speaksFor("county", division));
    }
  });

  test("of a node that left name it, and give it no voice", () => {
    assert.equal(view.node("gone")?.state, "left");
    assert.equal(view.nodeOfCertificate("ef".repeat(32)), undefined);
    assert.ok(!view.speaksFor("gone", "990103"));
  });

  test("that the centre gave to another province are no longer the old one's to speak for", () => {
    const moved = open(withFrame({ renumberings: [{ from: "990101", to: "980101", since: "2026-01-01" }] })).view;
    assert.equal(moved.hostOf("population", "990101"), undefined);
    assert.ok(!moved.speaksFor("county", "980101"));
  });
});
