/**
 * What may follow the seal of a PDF (PAdES baseline B-LTA): one update that fills two places which were sealed empty, the store of
 * evidence and the field of a document time stamp. It has one form, to the byte: it is taken apart, written anew and compared, so
 * that nothing else can have been added.
 */
import { concat, fromHex, hex, same, utf8 } from "./bytes.ts";

export interface Archive {
  readonly certificates: readonly Uint8Array[];
  readonly answers: readonly Uint8Array[];
  /** Proofs that certificates were entered in a ledger when they were issued, JSON. */
  readonly proofs: readonly Uint8Array[];
  /** The document time stamp, which zeros may follow; it covers the whole file but this. */
  readonly stamp: Uint8Array;
  readonly gapStart: number;
  readonly gapEnd: number;
}

const ITEMS_MAX = 24;
const ITEM_MAX_BYTES = 1_048_576;
const TAIL_BYTES = 8_192;
/** How the update of a seal ends: with an empty field, an empty store, the form of both fields, the table. */
const SEALED_END =
  /\n(?<field>\d{1,7}) 0 obj\n<<\n\/Type \/Annot\n\/Subtype \/Widget\n\/FT \/Sig\n\/T \(stamp\)\n\/F 132\n\/Rect \[0 0 0 0\]\n\/P (?<page>\d{1,7} 0 R)\n>>\nendobj\n(?<store>\d{1,7}) 0 obj\n<<\n\/Type \/DSS\n>>\nendobj\n\d{1,7} 0 obj\n<<\n\/Fields \[\d{1,7} 0 R \k<field> 0 R\]\n\/SigFlags 3\n>>\nendobj\nxref\n(?:\d+ \d+\n|\d{10} \d{5} [nf][ \r]\n)+trailer\n<<\n\/Size (?<size>\d{1,7})\n\/Root (?<root>\d{1,7} 0 R)\n\/Prev \d{1,10}\n(?<rest>(?:\/Info \d{1,7} 0 R\n)?\/ID \[<[0-9A-F]+> <[0-9A-F]+>\]\n)>>\nstartxref\n(?<table>\d{1,10})\n%%EOF\n?$/;
const OBJECT = /^(\d{1,7}) 0 obj\n<< \/Length (\d{1,6}) >>\nstream\n/;
const OBJECT_END = "\nendstream\nendobj\n";

/** @returns undefined where anything else follows than this update */
export function readArchive(pdf: Uint8Array, sealedLength: number): Archive | undefined {
  const sealed = SEALED_END.exec(latin1(pdf.subarray(Math.max(0, sealedLength - TAIL_BYTES), sealedLength)))?.groups;
  if (sealed === undefined) return undefined;
  const update = pdf.subarray(sealedLength);
  const items: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const head = OBJECT.exec(latin1(update.subarray(at, at + 64)));
    if (head === null) break;
    const start = at + head[0].length;
    const length = Number(head[2]);
    if (items.length >= ITEMS_MAX || length > ITEM_MAX_BYTES) return undefined;
    items.push(update.subarray(start, start + length));
    at = start + length + OBJECT_END.length;
  }
  const rest = latin1(update.subarray(at));
  const lists =
    /\/Certs \[([0-9 R]*)\]\n\/OCSPs \[([0-9 R]*)\]\n\/CRLs \[([0-9 R]*)\]\n(?:\/XXIssuance \[([0-9 R]+)\]\n)?/.exec(
      rest,
    );
  const token = /\n\/Contents <((?:[0-9a-f]{2}){1,65536})>\n/.exec(rest);
  if (lists === null || token === null) return undefined;
  const counts = lists.slice(1).map((list = "") => [...list.matchAll(/ 0 R/g)].length) as unknown as Counts;
  if (counts.reduce((sum, count) => sum + count, 0) !== items.length) return undefined;
  const stamp = fromHex(token[1] ?? "");
  const parts = { items, counts, stamp };
  if (!same(write(sealed as unknown as SealedEnd, sealedLength, parts), update)) return undefined;
  const gapStart = sealedLength + at + token.index + "\n/Contents ".length;
  return {
    certificates: items.slice(0, counts[0]),
    answers: items.slice(counts[0], counts[0] + counts[1]),
    proofs: items.slice(items.length - counts[3]),
    stamp,
    gapStart,
    gapEnd: gapStart + 2 + 2 * stamp.length,
  };
}

type SealedEnd = Readonly<Record<"field" | "page" | "store" | "size" | "root" | "rest" | "table", string>>;

/** Certificates, answers, lists, proofs: how many of the items are which. */
type Counts = readonly [number, number, number, number];

interface Parts {
  readonly items: readonly Uint8Array[];
  readonly counts: Counts;
  readonly stamp: Uint8Array;
}

/** The update as it must be. Numbers that depend on what comes later are set in a second round. */
function write(sealed: SealedEnd, sealedLength: number, { items, counts, stamp }: Parts): Uint8Array {
  const size = Number(sealed.size);
  const [certificates, answers] = counts;
  const list = (from: number, to: number): string => {
    const numbers = Array.from({ length: Math.max(0, to - from) }, (_, index) => `${size + from + index} 0 R`);
    return `[${numbers.join(" ")}]`;
  };
  const value = size + items.length;
  const offsets = new Map<number, number>();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const add = (chunk: string | Uint8Array): void => {
    const bytes = typeof chunk === "string" ? utf8(chunk) : chunk;
    chunks.push(bytes);
    length += bytes.length;
  };
  const begin = (number: number): void => {
    offsets.set(number, sealedLength + length);
    add(`${number} 0 obj\n`);
  };
  for (const [index, item] of items.entries()) {
    begin(size + index);
    add(`<< /Length ${item.length} >>\nstream\n`);
    add(item);
    add(OBJECT_END);
  }
  begin(Number(sealed.store));
  const [certs, ocsps] = [list(0, certificates), list(certificates, certificates + answers)];
  const crls = list(certificates + answers, items.length - counts[3]);
  const proofs = counts[3] === 0 ? "" : `/XXIssuance ${list(items.length - counts[3], items.length)}\n`;
  add(`<<\n/Type /DSS\n/Certs ${certs}\n/OCSPs ${ocsps}\n/CRLs ${crls}\n${proofs}>>\nendobj\n`);
  begin(value);
  add("<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n/Contents ");
  const gapStart = length;
  add(`<${hex(stamp)}>`);
  const gapEnd = length;
  const rangeAt = chunks.length;
  add(`\n/ByteRange ${" ".repeat(40)}\n>>\nendobj\n`);
  begin(Number(sealed.field));
  add(
    `<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T (stamp)\n/F 132\n/Rect [0 0 0 0]\n/P ${sealed.page}\n/V ${value} 0 R\n>>\nendobj\n`,
  );
  const table = sealedLength + length;
  add("xref\n");
  for (const [number, offset] of [...offsets].sort(([one], [other]) => one - other)) {
    add(`${number} 1\n${String(offset).padStart(10, "0")} 00000 n \n`);
  }
  add(`trailer\n<<\n/Size ${value + 1}\n/Root ${sealed.root}\n/Prev ${sealed.table}\n${sealed.rest}>>\n`);
  add(`startxref\n${table}\n%%EOF\n`);
  const range = `[0 ${sealedLength + gapStart} ${sealedLength + gapEnd} ${length - gapEnd}]`;
  chunks[rangeAt] = utf8(`\n/ByteRange ${range.padEnd(40)}\n>>\nendobj\n`);
  return concat(...chunks);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
