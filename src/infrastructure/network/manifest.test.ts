import assert from "node:assert/strict";
import { test } from "node:test";
import { disclosure } from "#services/disclosure";
import { type Manifest, readManifest, writeManifest } from "./manifest.ts";

const ID = "0197c7a0-0000-7000-8000-000000000001";
const HEAD = { id: ID, from: "qingyuan", to: "inner", sequence: 1, suite: "international" } as const;
const DOCUMENT: Manifest["items"][number] = {
  ...{ place: 0, kind: "document", title: "简报", classification: "internal", mediaType: "text/plain" },
  ...{ digest: "ab".repeat(32), bytes: 12 },
};
const CALL: Manifest["items"][number] = {
  ...{ ...DOCUMENT, kind: "call", classification: "public", mediaType: "application/json" },
  target: { room: "disclosure", operation: "publishDecision", version: 1 },
};
const written = (...items: Manifest["items"]) =>
  writeManifest({ id: ID, node: "inner", purpose: "报送", legalBasis: "依据" }, { from: "qingyuan", items });
const read = (
  text: string,
  zones: Parameters<typeof readManifest>[1]["zones"] = { from: "extranet", to: "intranet" },
) => readManifest(text, { head: HEAD, zones, contractOf: (room) => (room === "disclosure" ? disclosure : undefined) });
const outcome = (...given: Parameters<typeof read>) => {
  const said = read(...given);
  return typeof said === "string" ? said : "read";
};

test("a manifest is read as it was signed, and in no other spelling or of another package", () => {
  const sound = written(DOCUMENT, CALL);
  assert.equal(outcome(sound), "read");
  assert.equal(outcome(` ${sound}`), "altered");
  assert.equal(outcome("{}"), "altered");
  assert.equal(outcome("x"), "altered");
  assert.equal(outcome(sound.replace(ID, ID.replace("1", "2"))), "altered");
  assert.equal(outcome(sound.replace('"to":"inner"', '"to":"other"')), "altered");
  assert.equal(outcome(sound.replace('"place":0', '"place":0,"zz":1')), "altered");
});

test("what may not cross is not allowed, whatever both officials signed", () => {
  for (const [what, items, zones] of [
    ["a marked title", [{ ...DOCUMENT, title: "机密★ 简报" }]],
    ["a work secret outward", [{ ...DOCUMENT, classification: "work-secret" }], { from: "intranet", to: "extranet" }],
    [
      "a work secret of the internet",
      [{ ...DOCUMENT, classification: "work-secret" }],
      { from: "internet", to: "extranet" },
    ],
    ["a document that is a call as well", [{ ...DOCUMENT, target: CALL.target }]],
    ["a call to nothing", [{ ...CALL, target: undefined }]],
    ["a room that is not here", [{ ...CALL, target: { room: "tax", operation: "publishDecision", version: 1 } }]],
    [
      "an operation that may not cross",
      [{ ...CALL, target: { room: "disclosure", operation: "publishEnding", version: 1 } }],
    ],
    [
      "a version that is not served",
      [{ ...CALL, target: { room: "disclosure", operation: "publishDecision", version: 2 } }],
    ],
    ["another classification than the contract's", [{ ...CALL, classification: "internal" }]],
    ["a call in the wrong direction", [CALL], { from: "intranet", to: "extranet" }],
  ] as const satisfies readonly (readonly [string, Manifest["items"], object?])[]) {
    assert.equal(outcome(written(DOCUMENT, ...items), zones), "not-allowed", what);
  }
});
