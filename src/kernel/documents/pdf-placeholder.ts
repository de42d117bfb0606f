/**
 * Makes room for a seal in a finished PDF: an incremental update with a signature field whose value is still zeros, and with two
 * empty places that are sealed as they are: a second field, for the time stamp over the whole, and the store of evidence (DSS).
 * So what is added after the seal fills these two and changes nothing else (`pdf-archive.ts`).
 *
 * The field has no appearance: what a reader sees of the seal is drawn by the page itself, so that a printed copy and a
 * screen show the same, and PDF/A needs no second font.
 */
import { PDF, PdfArray, PdfDict, PdfName, PdfNumber, type PdfRef, PdfString } from "@libpdf/core";

/** Room for the CMS structure: signature, end certificate, issuers and the time stamp of an authority of ours. */
export const SIGNATURE_ROOM_BYTES = 6_144;
export const MAX_PDF_BYTES = 32 * 1024 * 1024;
export const MAX_REASON_CHARACTERS = 120;

// Ten digits each, so that the true numbers, padded with blanks, take their place byte for byte.
const RANGE_NUMBERS = [1_111_111_111, 2_111_111_111, 2_011_111_111] as const;

/** What the seal's dictionary says about itself; claims of the signer, shown as such. */
export interface SealNote {
  /** Why it was sealed: `食品经营许可证`. */
  readonly reason: string;
  /** Who seals, as on the certificate. */
  readonly name: string;
  /** When the signer says it was sealed. */
  readonly at: Temporal.Instant;
  /** Room for the CMS structure, default `SIGNATURE_ROOM_BYTES`. */
  readonly roomBytes?: number;
}

/** A PDF with room for its seal: the signature covers all but `bytes[gapStart..gapEnd)`, which is `<` hexadecimal `>`. */
export interface SealablePdf {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gapStart: number;
  readonly gapEnd: number;
}

/**
 * Adds an empty signature field to a PDF that has none.
 * @throws {RangeError} when the PDF is too big, has no page or is already prepared, or the note is too long
 */
export async function makeRoomForSeal(pdf: Uint8Array, note: SealNote): Promise<SealablePdf> {
  if (pdf.length > MAX_PDF_BYTES) throw new RangeError("the document is too big to seal");
  if (note.reason.length > MAX_REASON_CHARACTERS || note.name.length > MAX_REASON_CHARACTERS) {
    throw new RangeError("the note on the seal is too long");
  }
  const document = await PDF.load(pdf);
  const page = document.getPages()[0];
  if (page === undefined) throw new RangeError("a document without pages cannot be sealed");
  if (document.getCatalog().has("AcroForm")) throw new RangeError("the document has form fields already");
  const roomBytes = note.roomBytes ?? SIGNATURE_ROOM_BYTES;
  const value = document.register(signatureValue(note, roomBytes));
  const field = document.register(signatureField("seal", page.ref, value));
  const stampField = document.register(signatureField("stamp", page.ref));
  const evidence = document.register(PdfDict.of({ Type: PdfName.of("DSS") }));
  const others = page.dict.getArray("Annots", (reference) => document.getObject(reference)) ?? new PdfArray();
  page.dict.set("Annots", new PdfArray([...others, field, stampField]));
  // SigFlags 3: signatures exist, and only appending keeps them whole (ISO 32000-1 §12.7.2).
  const form = PdfDict.of({ Fields: new PdfArray([field, stampField]), SigFlags: PdfNumber.of(3) });
  document.getCatalog().set("AcroForm", document.register(form));
  document.getCatalog().set("DSS", evidence);
  return fixRange(Uint8Array.from(await document.save({ incremental: true })), pdf.length, roomBytes);
}

function signatureField(name: string, page: PdfRef, value?: PdfRef): PdfDict {
  return PdfDict.of({
    Type: PdfName.of("Annot"),
    Subtype: PdfName.of("Widget"),
    FT: PdfName.of("Sig"),
    T: PdfString.fromString(name),
    ...(value !== undefined && { V: value }),
    // Print and Locked; the empty rectangle frees it from having an appearance (ISO 19005-2 §6.3.3).
    F: PdfNumber.of(132),
    Rect: new PdfArray([0, 0, 0, 0].map((edge) => PdfNumber.of(edge))),
    P: page,
  });
}

function signatureValue(note: SealNote, roomBytes: number): PdfDict {
  return PdfDict.of({
    Type: PdfName.of("Sig"),
    Filter: PdfName.of("Adobe.PPKLite"),
    SubFilter: PdfName.of("ETSI.CAdES.detached"),
    ByteRange: new PdfArray([0, ...RANGE_NUMBERS].map((number) => PdfNumber.of(number))),
    Contents: PdfString.fromHex("00".repeat(roomBytes)),
    M: PdfString.fromString(pdfDate(note.at)),
    Name: PdfString.fromString(note.name),
    Reason: PdfString.fromString(note.reason),
  });
}

function pdfDate(at: Temporal.Instant): string {
  return `D:${at.toString({ smallestUnit: "second" }).replace(/[-:TZ]/g, "")}Z`;
}

/** Writes the true byte range over the placeholder. The search starts where the update begins: the page's text cannot pose. */
function fixRange(bytes: Uint8Array<ArrayBuffer>, updateStart: number, roomBytes: number): SealablePdf {
  const written = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const zeros = `<${"00".repeat(roomBytes)}>`;
  const gapStart = written.indexOf(zeros, updateStart, "latin1");
  const placeholder = `[0 ${RANGE_NUMBERS.join(" ")}]`;
  const rangeStart = written.indexOf(placeholder, updateStart, "latin1");
  if (gapStart < 0 || rangeStart < 0) throw new RangeError("the place of the seal was not found");
  const gapEnd = gapStart + zeros.length;
  const range = `[0 ${gapStart} ${gapEnd} ${bytes.length - gapEnd}]`;
  written.write(range.padEnd(placeholder.length), rangeStart, "latin1");
  return { bytes, gapStart, gapEnd };
}
