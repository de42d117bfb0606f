/**
 * Makes room for a seal in a finished PDF: an incremental update with a signature field whose value is still zeros, and with two
 * empty places that are sealed as they are: a second field, for the time stamp over the whole, and the store of evidence (DSS).
 * So what is added after the seal fills these two and changes nothing else (`pdf-archive.ts`).
 *
 * The field has no appearance: what a reader sees of the seal is drawn by the page itself, so that a printed copy and a
 * screen show the same, and PDF/A needs no second font.
 */
import { sha256 } from "#lib/crypto/digest";
import {
  type PdfEntries,
  type PlainPdf,
  readEntries,
  readPlainPdf,
  readText,
  referred,
  writeObject,
  writeTable,
} from "./plain-pdf.ts";

/** Room for the CMS structure: signature, end certificate, issuers and the time stamp of an authority of ours. */
export const SIGNATURE_ROOM_BYTES = 6_144;
export const MAX_PDF_BYTES = 32 * 1024 * 1024;
export const MAX_REASON_CHARACTERS = 120;

/** Room for the byte range: its brackets and four numbers. */
const RANGE_CHARACTERS = 36;
const PAGES_DEPTH_MAX = 32;
const IDENTITY_BYTES = 16;

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
 * @throws {RangeError} when the PDF is too big, has no page, is already prepared or not of the form that we write, or the note is too long
 */
export function makeRoomForSeal(pdf: Uint8Array, note: SealNote): SealablePdf {
  if (pdf.length > MAX_PDF_BYTES) throw new RangeError("the document is too big to seal");
  if (note.reason.length > MAX_REASON_CHARACTERS || note.name.length > MAX_REASON_CHARACTERS) {
    throw new RangeError("the note on the seal is too long");
  }
  const plain = readPlainPdf(pdf);
  const { trailer } = plain;
  const root = referred(trailer.get("Root"));
  const catalog = readEntries(plain.value(root));
  if (catalog.has("AcroForm")) throw new RangeError("the document has form fields already");
  const page = firstPage(plain, referred(catalog.get("Pages")));
  const size = Number(trailer.get("Size"));
  if (!/^\d{1,7}$/.test(trailer.get("Size") ?? ""))
    throw new RangeError("the document does not say how many objects it has");
  const [value, field, stampField, evidence, form] = [size, size + 1, size + 2, size + 3, size + 4];
  const annotations = [...annotationsOf(plain, page.entries), `${field} 0 R`, `${stampField} 0 R`];
  const signature = signatureValue(note);
  const objects: readonly (readonly [number, PdfEntries])[] = [
    [root, new Map([...catalog, ["AcroForm", `${form} 0 R`], ["DSS", `${evidence} 0 R`]])],
    [page.number, new Map([...page.entries, ["Annots", `[${annotations.join(" ")}]`]])],
    [value, signature],
    [field, signatureField("seal", page.number, value)],
    [stampField, signatureField("stamp", page.number)],
    [evidence, new Map([["Type", "/DSS"]])],
    // SigFlags 3: signatures exist, and only appending keeps them whole (ISO 32000-1 §12.7.2).
    [
      form,
      new Map([
        ["Fields", `[${field} 0 R ${stampField} 0 R]`],
        ["SigFlags", "3"],
      ]),
    ],
  ];
  let written = "\n";
  const offsets = new Map<number, number>();
  for (const [number, entries] of objects) {
    offsets.set(number, pdf.length + written.length);
    written += writeObject(number, entries);
  }
  const info = trailer.get("Info");
  const end = new Map([
    ["Size", String(form + 1)],
    ["Root", `${root} 0 R`],
    ["Prev", String(plain.tableAt)],
    ...(info === undefined ? [] : [["Info", info] as const]),
    ["ID", identity(trailer, pdf)],
  ]);
  const lines = [...end].map(([name, entry]) => `/${name} ${entry}\n`).join("");
  const tail = `trailer\n<<\n${lines}>>\nstartxref\n${pdf.length + written.length}\n%%EOF\n`;
  return withRange(pdf, `${written}${writeTable(offsets)}${tail}`, {
    valueAt: (offsets.get(value) ?? 0) - pdf.length,
    contents: signature.get("Contents") ?? "",
  });
}

function firstPage(plain: PlainPdf, pages: number): { readonly number: number; readonly entries: PdfEntries } {
  let number = pages;
  for (let depth = 0; depth < PAGES_DEPTH_MAX; depth++) {
    const entries = readEntries(plain.value(number));
    if (entries.get("Type") === "/Page") return { number, entries };
    const [first] = /\d+\s+0\s+R/.exec(entries.get("Kids") ?? "") ?? [];
    if (first === undefined) break;
    number = referred(first);
  }
  throw new RangeError("a document without pages cannot be sealed");
}

function annotationsOf(plain: PlainPdf, page: PdfEntries): readonly string[] {
  const stated = page.get("Annots");
  if (stated === undefined) return [];
  const list = stated.startsWith("[") ? stated : plain.value(referred(stated));
  if (!/^\[(?:\s*\d+\s+0\s+R)*\s*\]$/.test(list)) throw new RangeError("the annotations of its page are malformed");
  return list.match(/\d+\s+0\s+R/g) ?? [];
}

function signatureField(name: string, page: number, value?: number): PdfEntries {
  return new Map([
    ["Type", "/Annot"],
    ["Subtype", "/Widget"],
    ["FT", "/Sig"],
    ["T", `(${name})`],
    ...(value === undefined ? [] : [["V", `${value} 0 R`] as const]),
    // Print and Locked; the empty rectangle frees it from having an appearance (ISO 19005-2 §6.3.3).
    ["F", "132"],
    ["Rect", "[0 0 0 0]"],
    ["P", `${page} 0 R`],
  ]);
}

function signatureValue(note: SealNote): PdfEntries {
  return new Map([
    ["Type", "/Sig"],
    ["Filter", "/Adobe.PPKLite"],
    ["SubFilter", "/ETSI.CAdES.detached"],
    ["ByteRange", " ".repeat(RANGE_CHARACTERS)],
    ["Contents", `<${"00".repeat(note.roomBytes ?? SIGNATURE_ROOM_BYTES)}>`],
    ["M", `(${pdfDate(note.at)})`],
    ["Name", pdfText(note.name)],
    ["Reason", pdfText(note.reason)],
  ]);
}

function pdfDate(at: Temporal.Instant): string {
  return `D:${at.toString({ smallestUnit: "second" }).replace(/[-:TZ]/g, "")}Z`;
}

/** UTF-16 with its mark (ISO 32000-1 §7.9.2.2). */
function pdfText(text: string): string {
  return `<FEFF${Buffer.from(text, "utf16le").swap16().toString("hex").toUpperCase()}>`;
}

/** Its two halves as they were; of its bytes where it has none. */
function identity(trailer: PdfEntries, pdf: Uint8Array): string {
  const halves = /^\[\s*(<[^>]*>|\((?:[^\\()]|\\[\s\S])*\))\s*(<[^>]*>|\((?:[^\\()]|\\[\s\S])*\))\s*\]$/.exec(
    trailer.get("ID") ?? "",
  );
  const [one, other] = halves === null ? [] : halves.slice(1).map(readText);
  const first = one ?? sha256(pdf).subarray(0, IDENTITY_BYTES);
  return `[${[first, other ?? first].map((half) => `<${half.toHex().toUpperCase()}>`).join(" ")}]`;
}

/** Puts the update behind the PDF, with the range of bytes that the seal will cover. */
function withRange(
  pdf: Uint8Array,
  update: string,
  { valueAt, contents }: { readonly valueAt: number; readonly contents: string },
): SealablePdf {
  const gap = update.indexOf(contents, valueAt);
  const rangeAt = update.indexOf("/ByteRange ", valueAt) + "/ByteRange ".length;
  const [gapStart, gapEnd] = [pdf.length + gap, pdf.length + gap + contents.length];
  const bytes = new Uint8Array(pdf.length + update.length);
  bytes.set(pdf);
  const written = Buffer.from(bytes.buffer);
  written.write(update, pdf.length, "latin1");
  const range = `[0 ${gapStart} ${gapEnd} ${bytes.length - gapEnd}]`;
  written.write(range.padEnd(RANGE_CHARACTERS), pdf.length + rangeAt, "latin1");
  return { bytes, gapStart, gapEnd };
}
