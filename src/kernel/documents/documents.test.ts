import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { type DocumentKind, type OpenDocuments, openDocuments } from "./documents.ts";
import { codeRows } from "./quick-response-code.ts";

const HEAD = `#let data = json(bytes(sys.inputs.data))
#set document(title: data.title, date: datetime(year: 2026, month: 11, day: 21))
#set text(font: "Noto Serif SC", lang: "zh", region: "cn", fallback: false)
`;
const text = z.object({ title: z.string(), body: z.string() });

function kind(name: string, source: string): DocumentKind {
  return { kind: name, main: `/test/${name}.typ`, sources: { [`/test/${name}.typ`]: HEAD + source }, data: text };
}

const KINDS = [
  kind("plain", "= #data.title\n#data.body"),
  kind("shared", '#import "/shared/seal.typ": round-seal\n#round-seal("清源县市场监督管理局", sample: true)#data.body'),
  kind("endless", "#let x = 0\n#for a in range(100000) { for b in range(100000) { x = calc.rem(a, 7) } }\n#x"),
  kind("broken", "#data.nothing"),
  kind("file", '#read("/etc/passwd")'),
  // Twenty words, laid out from the data: 20 boxes with hostile text in them are still 20 boxes.
  kind("count", '#for part in data.body.split(" ") [#part#pagebreak(weak: true)]'),
];

describe("documents", () => {
  let documents: OpenDocuments;
  before(async () => {
    documents = await openDocuments({ kinds: KINDS });
  });
  after(() => documents.close());

  async function pdf(name: string, body: string): Promise<Buffer> {
    const rendered = await documents.render({ kind: name, data: { title: "受理通知书", body } });
    assert.ok("pdf" in rendered);
    return Buffer.from(rendered.pdf);
  }

  it("makes PDF/A-2a that states title and language and embeds its fonts", async () => {
    const bytes = await pdf("plain", "堃犇喆昇翀暘");
    const written = bytes.toString("latin1");
    assert.match(written, /^%PDF-1\.7/);
    assert.match(written, /<pdfaid:part>2<\/pdfaid:part><pdfaid:conformance>A</);
    assert.match(written, /\/Lang \(zh-CN\)/);
    assert.match(written, /\/FontFile2/);
    assert.match(written, /\/StructTreeRoot/);
    assert.ok(bytes.toString("utf8").includes("受理通知书"));
  });

  it("gives the same bytes for the same data", async () => {
    assert.ok((await pdf("shared", "甲")).equals(await pdf("shared", "甲")));
    assert.ok(!(await pdf("shared", "甲")).equals(await pdf("shared", "乙")));
  });

  it("shows hostile text and does not obey it", async () => {
    const hostile = '#panic("x") #read("/etc/passwd") $x^2$ *b* = h \\ "] #pagebreak() // <a> @b {c} `d` \u0027';
    const bytes = await pdf("plain", hostile);
    assert.equal((bytes.toString("latin1").match(/\/Type \/Page\b/g) ?? []).length, 1);
    assert.ok(await pdf("count", hostile));
  });

  it("names the characters that no font draws, and makes no document", async () => {
    const rendered = await documents.render({ kind: "plain", data: { title: "𠮷野家", body: "𠮷\u0007\u202e龘" } });
    assert.deepEqual(rendered, { missingCharacters: ["𠮷", "\u0007", "\u202e"] });
  });

  it("reads no file of the machine", async () => {
    await assert.rejects(documents.render({ kind: "file", data: { title: "x", body: "" } }), {
      code: "ERR_DOCUMENT_TEMPLATE",
    });
  });

  it("calls a broken template, wrong data and an unknown kind what they are", async () => {
    const data = { title: "x", body: "" };
    await assert.rejects(documents.render({ kind: "broken", data }), { code: "ERR_DOCUMENT_TEMPLATE" });
    await assert.rejects(documents.render({ kind: "plain", data: { title: 1 } }), { code: "ERR_DOCUMENT_TEMPLATE" });
    await assert.rejects(documents.render({ kind: "none", data }), { code: "ERR_DOCUMENT_KIND" });
  });

  it("ends a document that takes too long, and goes on with the next", async () => {
    const hasty = await openDocuments({ kinds: KINDS, timeoutMs: 4000 });
    try {
      await hasty.typesetter.warm();
      const data = { title: "x", body: "y" };
      await assert.rejects(hasty.render({ kind: "endless", data }), { code: "ERR_DOCUMENT_TIMEOUT" });
      assert.ok("pdf" in (await hasty.render({ kind: "plain", data })));
    } finally {
      await hasty.close();
    }
    await assert.rejects(hasty.render({ kind: "plain", data: { title: "x", body: "y" } }), {
      code: "ERR_DOCUMENT_BUSY",
    });
  });

  it("renders many at once, each with its own data", async () => {
    const bodies = Array.from({ length: 40 }, (_, index) => `第${index}份`);
    const all = await Promise.all(bodies.map((body) => pdf("plain", body)));
    assert.equal(new Set(all.map((bytes) => bytes.toString("latin1"))).size, bodies.length);
  });
});

describe("codeRows", () => {
  it("gives a square of modules with the three finder patterns", () => {
    const rows = codeRows("http://127.0.0.1:8080/verify/JY29901210000172");
    assert.ok(rows.every((row) => row.length === rows.length));
    assert.ok(rows[0]?.startsWith("1111111") && rows[0].endsWith("1111111") && rows.at(-1)?.startsWith("1111111"));
    assert.throws(() => codeRows(""), RangeError);
    assert.throws(() => codeRows("x".repeat(601)), RangeError);
  });
});
