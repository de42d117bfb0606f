/**
 * What may follow a seal in a PDF: one update that fills the two places which were sealed empty, the store of evidence
 * (DSS, ISO 32000-2 §12.8.4.3) and the field of a document time stamp (§12.8.5): PAdES baseline B-LTA (ETSI EN 319 142-1 §6.3).
 *
 * The update has one form, to the byte. A reader takes it apart, writes it anew and compares: so that nothing else, not a page, not
 * a form, can have been added or changed after the seal. Pure.
 */
import { concatBytes } from "#lib/asn1/der";
import { utf8 } from "#lib/crypto/bytes";
import { writeTable } from "./plain-pdf.ts";

/** Certificates, answers and lists together. */
export const EVIDENCE_MAX_ITEMS = 24;
export const EVIDENCE_ITEM_MAX_BYTES = 1_048_576;
/** Where the update must begin and end is looked for in so much of the end of what was sealed. */
const SEALED_TAIL_BYTES = 8_192;
const STAMP_ROOM_MAX_BYTES = 65_536;

/** What proves later that certificates were in force, DER each. */
export interface Evidence {
  readonly certificates: readonly Uint8Array[];
  /** OCSP answers. */
  readonly answers: readonly Uint8Array[];
  /** Lists of revoked certificates. */
  readonly lists: readonly Uint8Array[];
  /** Proofs that certificates were entered in the ledger when they were issued, JSON: a private name (ISO 32000-1, annex E) in the store. */
  readonly proofs?: readonly Uint8Array[];
}

/** A PDF whose last time stamp is still zeros: it covers all but `bytes[gapStart..gapEnd)`, which is `<` hexadecimal `>`. */
export interface StampablePdf {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gapStart: number;
  readonly gapEnd: number;
}

/** The places of a sealed revision that were left empty, and what an update must repeat of it. */
interface SealedPlaces {
  readonly length: number;
  readonly stampField: number;
  readonly page: string;
  readonly evidence: number;
  readonly size: number;
  /** From `/Root` on, as they stand. */
  readonly root: string;
  readonly rest: string;
  readonly tableAt: number;
}

const SEALED_TAIL = new RegExp(
  [
    "\\n(\\d{1,7}) 0 obj\\n<<\\n/Type /Annot\\n/Subtype /Widget\\n/FT /Sig\\n/T \\(stamp\\)\\n/F 132\\n/Rect \\[0 0 0 0\\]\\n/P (\\d{1,7} 0 R)\\n>>\\nendobj",
    "\\n(\\d{1,7}) 0 obj\\n<<\\n/Type /DSS\\n>>\\nendobj",
    "\\n\\d{1,7} 0 obj\\n<<\\n/Fields \\[\\d{1,7} 0 R \\1 0 R\\]\\n/SigFlags 3\\n>>\\nendobj",
    "\\nxref\\n(?:[0-9]+ [0-9]+\\n|[0-9]{10} [0-9]{5} [nf][ \\r]\\n)+",
    "trailer\\n<<\\n/Size (\\d{1,7})\\n/Root (\\d{1,7} 0 R)\\n/Prev \\d{1,10}\\n((?:/Info \\d{1,7} 0 R\\n)?/ID \\[<[0-9A-F]+> <[0-9A-F]+>\\]\\n)>>",
    "\\nstartxref\\n(\\d{1,10})\\n%%EOF\\n?$",
  ].join(""),
);

function sealedPlaces(sealed: Uint8Array): SealedPlaces | undefined {
  const tail = latin1(sealed.subarray(Math.max(0, sealed.length - SEALED_TAIL_BYTES)));
  const found = SEALED_TAIL.exec(tail);
  if (found === null) return undefined;
  const [, stampField, page, evidence, size, root, rest, tableAt] = found as unknown as string[];
  return {
    length: sealed.length,
    stampField: Number(stampField),
    page: String(page),
    evidence: Number(evidence),
    size: Number(size),
    root: String(root),
    rest: String(rest),
    tableAt: Number(tableAt),
  };
}

/**
 * Adds evidence to a sealed PDF and makes room for the time stamp over everything.
 * @throws {RangeError} when the PDF was not prepared by `makeRoomForSeal`, has its update already, or the evidence is too much
 */
export function addEvidence(sealed: Uint8Array, evidence: Evidence, roomBytes: number): StampablePdf {
  const places = sealedPlaces(sealed);
  if (places === undefined) throw new RangeError("the document has no place for evidence");
  const items = [...evidence.certificates, ...evidence.answers, ...evidence.lists, ...(evidence.proofs ?? [])];
  const tooMuch = items.length > EVIDENCE_MAX_ITEMS || items.some(({ length }) => length > EVIDENCE_ITEM_MAX_BYTES);
  if (tooMuch || roomBytes > STAMP_ROOM_MAX_BYTES) throw new RangeError("the evidence is too much");
  const update = writeUpdate(places, evidence, new Uint8Array(roomBytes));
  return {
    bytes: concatBytes([sealed, update.bytes]),
    gapStart: places.length + update.gapStart,
    gapEnd: places.length + update.gapEnd,
  };
}

/** Puts a time stamp into its room. @throws {RangeError} when it is too big */
export function fillStamp(room: StampablePdf, token: Uint8Array): Uint8Array<ArrayBuffer> {
  if (token.length * 2 + 2 > room.gapEnd - room.gapStart) throw new RangeError("the time stamp does not fit");
  Buffer.from(room.bytes.buffer).write(Buffer.from(token).toString("hex"), room.gapStart + 1, "latin1");
  return room.bytes;
}

/** The update after a seal. */
export interface ArchiveUpdate {
  readonly evidence: Evidence;
  /** The document time stamp, which zeros may follow. */
  readonly stamp: Uint8Array;
  /** What the stamp covers: the whole file but this. */
  readonly gapStart: number;
  readonly gapEnd: number;
}

/**
 * Reads what follows a sealed revision.
 * @returns undefined when anything else follows than the one update that may
 */
export function readArchiveUpdate(pdf: Uint8Array, sealedLength: number): ArchiveUpdate | undefined {
  const places = sealedPlaces(pdf.subarray(0, sealedLength));
  if (places === undefined) return undefined;
  const update = pdf.subarray(sealedLength);
  const streams = readStreams(update, places.size);
  const found =
    streams &&
    readLists(latin1(update.subarray(streams.end, streams.end + 2_048)), {
      size: places.size,
      count: streams.items.length,
    });
  if (!found) return undefined;
  const take = (numbers: readonly number[]) => numbers.map((one) => streams.items[one - places.size] as Uint8Array);
  const gapStart = latin1(update).indexOf("\n/Contents <", streams.end) + "\n/Contents ".length;
  const gapEnd = latin1(update).indexOf(">", gapStart) + 1;
  const digits = latin1(update.subarray(gapStart + 1, gapEnd - 1));
  if (!/^(?:[0-9a-f]{2}){1,65536}$/.test(digits)) return undefined;
  const evidence = {
    certificates: take(found.certificates),
    answers: take(found.answers),
    lists: take(found.lists),
    ...(found.proofs.length > 0 && { proofs: take(found.proofs) }),
  };
  const stamp = Uint8Array.fromHex(digits);
  const again = writeUpdate(places, evidence, stamp);
  if (Buffer.compare(again.bytes, update) !== 0) return undefined;
  return { evidence, stamp, gapStart: sealedLength + gapStart, gapEnd: sealedLength + gapEnd };
}

interface Streams {
  readonly items: readonly Uint8Array[];
  readonly end: number;
}

/** The evidence, as it stands one after the other at the beginning of an update. */
function readStreams(update: Uint8Array, first: number): Streams | undefined {
  const items: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const head = /^(\d{1,7}) 0 obj\n<< \/Length (\d{1,6}) >>\nstream\n/.exec(latin1(update.subarray(at, at + 64)));
    if (head === null) return { items, end: at };
    const length = Number(head[2]);
    if (Number(head[1]) !== first + items.length || length > EVIDENCE_ITEM_MAX_BYTES) return undefined;
    if (items.length >= EVIDENCE_MAX_ITEMS) return undefined;
    const start = at + head[0].length;
    items.push(update.subarray(start, start + length));
    at = start + length + STREAM_END.length;
  }
}

const STREAM_END = "\nendstream\nendobj\n";

function readLists(text: string, { size, count }: { readonly size: number; readonly count: number }) {
  const found =
    /\/Certs \[([0-9 R]*)\]\n\/OCSPs \[([0-9 R]*)\]\n\/CRLs \[([0-9 R]*)\]\n(?:\/XXIssuance \[([0-9 R]+)\]\n)?/.exec(
      text,
    );
  if (found === null) return undefined;
  const [certificates, answers, lists, proofs] = found
    .slice(1)
    .map((list = "") => [...list.matchAll(/(\d{1,7}) 0 R/g)].map(toNumber));
  const all = [...(certificates ?? []), ...(answers ?? []), ...(lists ?? []), ...(proofs ?? [])];
  const inOrder = all.length === count && all.every((one, index) => one === size + index);
  if (!certificates || !answers || !lists || !proofs || !inOrder) return undefined;
  return { certificates, answers, lists, proofs };
}

const toNumber = (found: RegExpExecArray): number => Number(found[1]);

/** The whole update. @param stamp the token, or zeros where it will be */
function writeUpdate(places: SealedPlaces, evidence: Evidence, stamp: Uint8Array) {
  const objects: { readonly number: number; readonly bytes: Uint8Array }[] = [];
  let next = places.size;
  const store = (items: readonly Uint8Array[]): string =>
    items
      .map((item) => {
        const head = utf8(`${next} 0 obj\n<< /Length ${item.length} >>\nstream\n`);
        objects.push({ number: next, bytes: concatBytes([head, item, utf8(STREAM_END)]) });
        return `${next++} 0 R`;
      })
      .join(" ");
  const certificates = store(evidence.certificates);
  const answers = store(evidence.answers);
  const lists = store(evidence.lists);
  const { proofs = [] } = evidence;
  const issuance = proofs.length === 0 ? "" : `/XXIssuance [${store(proofs)}]\n`;
  const dss = `<<\n/Type /DSS\n/Certs [${certificates}]\n/OCSPs [${answers}]\n/CRLs [${lists}]\n${issuance}>>`;
  objects.push({ number: places.evidence, bytes: utf8(`${places.evidence} 0 obj\n${dss}\nendobj\n`) });
  const before = objects.reduce((size, { bytes }) => size + bytes.length, 0);
  const value = next++;
  const start = `${value} 0 obj\n<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n/Contents `;
  const contents = `<${stamp.toHex()}>`;
  const gapStart = before + start.length;
  const gapEnd = gapStart + contents.length;
  const range = (rest: number) =>
    `[0 ${places.length + gapStart} ${places.length + gapEnd} ${rest}]`.padEnd(RANGE_CHARACTERS);
  const field = `<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T (stamp)\n/F 132\n/Rect [0 0 0 0]\n/P ${places.page}\n/V ${value} 0 R\n>>`;
  const valueSize = gapEnd - before + "\n/ByteRange ".length + RANGE_CHARACTERS + "\n>>\nendobj\n".length;
  const fieldObject = utf8(`${places.stampField} 0 obj\n${field}\nendobj\n`);
  const offsets = new Map<number, number>();
  let at = places.length;
  for (const { number, bytes } of objects) {
    offsets.set(number, at);
    at += bytes.length;
  }
  offsets.set(value, at).set(places.stampField, at + valueSize);
  const tableAt = at + valueSize + fieldObject.length;
  const end = utf8(
    `${writeTable(offsets)}trailer\n<<\n/Size ${next}\n/Root ${places.root}\n/Prev ${places.tableAt}\n${places.rest}>>\nstartxref\n${tableAt}\n%%EOF\n`,
  );
  const afterGap = valueSize - (gapEnd - before) + fieldObject.length + end.length;
  const valueObject = utf8(`${start}${contents}\n/ByteRange ${range(afterGap)}\n>>\nendobj\n`);
  const bytes = concatBytes([...objects.map((one) => one.bytes), valueObject, fieldObject, end]);
  return { bytes, gapStart, gapEnd };
}

/** Three numbers of ten digits and their brackets. */
const RANGE_CHARACTERS = 40;

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
