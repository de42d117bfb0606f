import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type OpenDocuments, openDocuments } from "#kernel/documents/documents";
import { readFontCoverage, undrawable } from "#kernel/documents/font-coverage";
import { DOCUMENT_FONTS } from "#kernel/documents/fonts";
import { NOTICE_EXAMPLES } from "./notice-examples.ts";
import { NOTICE_KINDS, NOTICE_NAMES } from "./notice-kinds.ts";

describe("notices", () => {
  let documents: OpenDocuments;
  before(async () => {
    documents = await openDocuments({ kinds: NOTICE_KINDS });
  });
  after(() => documents.close());

  for (const name of NOTICE_NAMES) {
    it(`prints ${name}`, async () => {
      const rendered = await documents.render({ kind: `notice/${name}`, data: NOTICE_EXAMPLES[name] });
      assert.ok("pdf" in rendered);
      assert.match(Buffer.from(rendered.pdf).toString("latin1"), /^%PDF-1\.7/);
    });
  }

  it("prints what a full list and a lawful node make of it", async () => {
    const {
      items: [item],
      ...rest
    } = NOTICE_EXAMPLES.supplement;
    assert.ok(item);
    const long = { ...rest, items: Array.from({ length: 40 }, () => item), demonstration: false };
    assert.ok("pdf" in (await documents.render({ kind: "notice/supplement", data: long })));
    const partly = { ...NOTICE_EXAMPLES.grant, refusedScope: [{ scope: "冷食类食品制售", reason: "未设专间。" }] };
    assert.ok("pdf" in (await documents.render({ kind: "notice/grant", data: partly })));
    const { requestedOn: _, ...withoutRequest } = NOTICE_EXAMPLES.termination;
    const ended = { ...withoutRequest, ground: "ended", reasons: ["逾期未补正，视为放弃申请。"] };
    assert.ok("pdf" in (await documents.render({ kind: "notice/termination", data: ended })));
  });

  it("stops at a name that no font draws, and names the character", async () => {
    const applicant = { name: "𠮷野小吃店", code: "" };
    const data = { ...NOTICE_EXAMPLES.receipt, applicant };
    assert.deepEqual(await documents.render({ kind: "notice/receipt", data }), { missingCharacters: ["𠮷"] });
  });

  it("uses in its own words only characters that the fonts draw", async () => {
    const fonts = await Promise.all(DOCUMENT_FONTS.map(readFontCoverage));
    assert.deepEqual(
      NOTICE_KINDS.flatMap((kind) => undrawable(kind.sources, fonts)),
      [],
    );
  });
});
