import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PDF, PdfArray, PdfDict, PdfName, PdfNumber } from "@libpdf/core";
import fc from "fast-check";
import { MAX_REASON_CHARACTERS, makeRoomForSeal } from "./pdf-placeholder.ts";
import { readEntries, readPlainPdf, readText, referred } from "./plain-pdf.ts";

const NOTE = { reason: "食品经营许可证", name: "清源县 (局)", at: Temporal.Instant.from("2026-11-29T08:00:00Z") };

async function made(change: (document: PDF) => void = () => undefined): Promise<Uint8Array> {
  const document = PDF.create();
  document.addPage();
  change(document);
  return await document.save();
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

describe("room for a seal", () => {
  it("is an update that another reader of PDF understands, and changes no byte before it", async () => {
    const pdf = await made();
    const room = makeRoomForSeal(pdf, NOTE);
    assert.deepEqual(room.bytes.subarray(0, pdf.length), pdf);
    const document = await PDF.load(room.bytes);
    assert.equal(document.getPages().length, 1);
    const form = document.getCatalog().getDict("AcroForm", (reference) => document.getObject(reference));
    assert.equal(form?.getNumber("SigFlags")?.value, 3);
    assert.equal(form?.getArray("Fields")?.length, 2);
    assert.equal(document.getPages()[0]?.dict.getArray("Annots")?.length, 2);
    assert.match(text(room.bytes.subarray(room.gapStart, room.gapEnd)), /^<0+>$/);
    const range = `[0 ${room.gapStart} ${room.gapEnd} ${room.bytes.length - room.gapEnd}]`;
    assert.ok(text(room.bytes.subarray(pdf.length)).includes(`/ByteRange ${range}`));
  });

  it("keeps the annotations of the page, listed there or by themselves", async () => {
    for (const apart of [false, true]) {
      const pdf = await made((document) => {
        const link = document.register(PdfDict.of({ Type: PdfName.of("Annot"), Subtype: PdfName.of("Link") }));
        const list = new PdfArray([link]);
        document.getPages()[0]?.dict.set("Annots", apart ? document.register(list) : list);
      });
      const document = await PDF.load(makeRoomForSeal(pdf, NOTE).bytes);
      const [first, ...fields] = document.getPages()[0]?.dict.getArray("Annots") ?? [];
      assert.equal(fields.length, 2);
      assert.match(String(text(pdf)), new RegExp(`\n${(first as { objectNumber: number }).objectNumber} 0 obj\n`));
    }
  });

  it("keeps what says which document it is, and gives one to a document that does not say it", async () => {
    const pdf = text(await made());
    const stated = /\/ID (\[.*\])/.exec(pdf)?.[1] ?? "";
    const update = (written: string) =>
      text(makeRoomForSeal(Buffer.from(written, "latin1"), NOTE).bytes).slice(pdf.length);
    assert.ok(update(pdf).includes(`/ID ${stated}`));
    const literal = pdf.replace(stated, String.raw`[(a\)b) <41 5>]`);
    assert.ok(update(literal).includes("/ID [<612962> <4150>]"));
    assert.match(update(pdf.replace(`/ID ${stated}\n`, "")), /\/ID \[<([0-9A-F]{32})> <\1>\]/);
  });

  it("is refused in a document that is prepared, changed, encrypted, cut off, empty or none", async () => {
    const pdf = await made();
    const plain = text(pdf);
    const broken = [
      makeRoomForSeal(pdf, NOTE).bytes,
      Buffer.from(plain.replace("trailer\n<<", "trailer\n<<\n/Prev 9"), "latin1"),
      Buffer.from(plain.replace("trailer\n<<", "trailer\n<<\n/Encrypt 9 0 R"), "latin1"),
      Buffer.from(plain.replace("trailer\n<<", "trailer\n<<\n/XRefStm 9"), "latin1"),
      Buffer.from(
        plain.replace(/\/Kids \[.*\]/, (kids) => "/Kids []".padEnd(kids.length)),
        "latin1",
      ),
      Buffer.from(plain.replace("/Size ", "/Size x"), "latin1"),
      pdf.subarray(0, -20),
      Buffer.from("%PDF-1.7\n"),
      new Uint8Array(),
      await made((document) => document.getCatalog().set("AcroForm", PdfDict.of({ SigFlags: PdfNumber.of(0) }))),
    ];
    for (const one of broken) assert.throws(() => makeRoomForSeal(one, NOTE), RangeError);
    const long = "字".repeat(MAX_REASON_CHARACTERS + 1);
    assert.throws(() => makeRoomForSeal(pdf, { ...NOTE, reason: long }), RangeError);
  });

  it("is made or refused, whatever byte of the document is another", async () => {
    const pdf = await made();
    fc.assert(
      fc.property(fc.nat(pdf.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const other = Uint8Array.from(pdf);
        other[at] = byte;
        try {
          makeRoomForSeal(other, NOTE);
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a plain PDF", () => {
  it("has values that stand as they are written", () => {
    const written = String.raw`<< /A (x\) >> (y) /B) % a remark >>
/B[1 2 R<</C<AB>>>]/D/Name/E 3 0 R /F -1.5/G true>>rest`;
    assert.deepEqual(
      [...readEntries(written)],
      [
        ["A", String.raw`(x\) >> (y) /B)`],
        ["B", "[1 2 R<</C<AB>>>]"],
        ["D", "/Name"],
        ["E", "3 0 R"],
        ["F", "-1.5"],
        ["G", "true"],
      ],
    );
    for (const bad of [
      "",
      "[1]",
      "<< /A",
      "<< /A 1",
      "<< 1 >>",
      "<< /A#42 1 >>",
      "<< /A 1 /A 2 >>",
      "<< /A (x >>",
      "<< /A <g> >>",
    ])
      assert.throws(() => readEntries(bad), RangeError, bad);
    assert.throws(() => readEntries(`<< /A ${"[".repeat(100)} >>`), RangeError);
  });

  it("has texts of both spellings, and references", () => {
    assert.equal(readText(String.raw`(a\n\(\)\\\101\7)`).toString("latin1"), "a\n()\\A\x07");
    assert.equal(readText("<41 4>").toString("latin1"), "A@");
    assert.throws(() => readText("/Name"), RangeError);
    assert.equal(referred("12 0 R"), 12);
    for (const bad of [undefined, "12", "12 1 R", "[12 0 R]"]) assert.throws(() => referred(bad), RangeError);
  });

  it("does not take one object for another", async () => {
    const plain = readPlainPdf(await made());
    assert.match(plain.value(referred(plain.trailer.get("Root"))), /\/Type \/Catalog/);
    for (const number of [0, 999]) assert.throws(() => plain.value(number), RangeError);
  });
});
