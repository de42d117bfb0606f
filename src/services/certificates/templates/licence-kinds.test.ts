import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openDocuments } from "#kernel/documents/documents";
import { LICENCE_EXAMPLES } from "./licence-examples.ts";
import { licenceKinds } from "./licence-kinds.ts";

describe("food licence", () => {
  it("prints original and duplicate, on one page each", async () => {
    const documents = await openDocuments({ kinds: licenceKinds() });
    try {
      for (const data of Object.values(LICENCE_EXAMPLES)) {
        const rendered = await documents.render({ kind: "licence/food", data });
        assert.ok("pdf" in rendered);
        assert.equal(
          (
            Buffer.from(rendered.pdf)
              .toString("latin1")
              .match(/\/Type \/Page\b/g) ?? []
          ).length,
          1,
        );
      }
      const wrong = { ...LICENCE_EXAMPLES.original, licenceNumber: "JY1" };
      await assert.rejects(documents.render({ kind: "licence/food", data: wrong }), { code: "ERR_DOCUMENT_TEMPLATE" });
    } finally {
      await documents.close();
    }
  });

  it("puts the operator's official drawing into the emblem's slot", async () => {
    const emblemSvg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4"/></svg>';
    const documents = await openDocuments({ kinds: licenceKinds({ emblemSvg }) });
    try {
      const data = { ...LICENCE_EXAMPLES.original, demonstration: false };
      assert.ok("pdf" in (await documents.render({ kind: "licence/food", data })));
    } finally {
      await documents.close();
    }
  });
});
