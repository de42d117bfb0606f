import { assert } from "../errors/fault.ts";
import type { Micros } from "./instant.ts";
import type { StoredProvenance, StoredVersion } from "./version.ts";

/**
 * Versions in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format"; the fields as the types' receive functions
 * read them). It saves the server the parsing and both sides half of the bytes.
 */

/** What stands before the rows. */
export const COPY_BEGINNING = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** What stands after the rows. */
export const COPY_END = Buffer.from([0xff, 0xff]);
const NULL_FIELD = -1;
/** Microseconds from 1970 to 2000, where PostgreSQL's time begins. */
const POSTGRES_EPOCH_MICROS = 946_684_800_000_000;
const TWO_TO_32 = 2 ** 32;
const RANGE_LOWER_INCLUSIVE = 0x02;
const RANGE_UPPER_INFINITE = 0x10;
const JSONB_VERSION = 1;
const FIRST_SIZE_BYTES = 64 * 1024;
/** What a row needs at most beside its texts: lengths, fixed fields, terminators. */
const ROW_OVERHEAD_BYTES = 1_024;
const MOST_BYTES_PER_CHARACTER = 3;

export interface CopyRowsOptions {
  /** Whether the rows have the columns of the name search. */
  readonly named: boolean;
}

/** Rows without the beginning and the end of a COPY. */
export interface CopyData {
  readonly data: Uint8Array;
  /** Where each row ends. */
  readonly ends: Uint32Array;
}

/** Collects rows; `take` gives what was collected. */
export class CopyRows {
  readonly #options: CopyRowsOptions;
  #buffer = Buffer.allocUnsafe(FIRST_SIZE_BYTES);
  #at = 0;
  #ends: number[] = [];
  #said: { readonly actId: string; readonly authority: string; readonly fields: Buffer } | undefined;

  constructor(options: CopyRowsOptions) {
    this.#options = options;
  }

  /** Columns in the order of `insertColumns`. Valid time is open. */
  add(version: Omit<StoredVersion, "sealed">, sealed: Uint8Array): void {
    assert(version.validTo === undefined, "an import brings open versions");
    this.#makeRoom(version, sealed);
    const { named } = this.#options;
    this.#int16(8 + version.lookups.length + 1 + (named ? 2 : 0));
    this.#uuid(version.key);
    this.#openRange(version.validFrom);
    this.#provenance(version);
    this.#jsonb(version.data);
    this.#bytes(sealed);
    for (const lookup of version.lookups) {
      if (lookup === null) this.#int32(NULL_FIELD);
      else if (typeof lookup === "string") this.#text(lookup);
      else this.#bytes(lookup);
    }
    this.#int32(8);
    this.#instant(version.recordedFrom);
    if (named) this.#name(version);
    this.#ends.push(this.#at);
  }

  #name({ words, sortKey }: Pick<StoredVersion, "words" | "sortKey">): void {
    if (words === null) this.#int32(NULL_FIELD);
    else this.#words(words);
    if (sortKey === null) this.#int32(NULL_FIELD);
    else this.#text(sortKey);
  }

  /** What was collected since the last time; a copy of its own size, which can be handed to another thread. */
  take(): CopyData {
    const taken = { data: new Uint8Array(this.#buffer.subarray(0, this.#at)), ends: Uint32Array.from(this.#ends) };
    this.#at = 0;
    this.#ends = [];
    return taken;
  }

  #makeRoom(version: Omit<StoredVersion, "sealed">, sealed: Uint8Array): void {
    let characters = version.data.length + version.authority.length + version.actId.length;
    characters += (version.caseId?.length ?? 0) + (version.sortKey?.length ?? 0);
    let bytes = ROW_OVERHEAD_BYTES + sealed.length;
    for (const word of version.words ?? []) {
      characters += word.length;
      bytes += 4;
    }
    for (const lookup of version.lookups) {
      bytes += 4;
      if (lookup !== null) characters += lookup.length;
    }
    this.#room(bytes + characters * MOST_BYTES_PER_CHARACTER);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }

  #int16(value: number): void {
    this.#at = this.#buffer.writeInt16BE(value, this.#at);
  }

  #int32(value: number): void {
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
  }

  #instant(micros: Micros): void {
    const since = micros - POSTGRES_EPOCH_MICROS;
    assert(Number.isSafeInteger(since), "an instant is too far away");
    const high = Math.floor(since / TWO_TO_32);
    this.#int32(high);
    this.#at = this.#buffer.writeUInt32BE(since - high * TWO_TO_32, this.#at);
  }

  #uuid(uuid: string): void {
    this.#hex(uuid.replaceAll("-", ""));
  }

  #hex(hex: string): void {
    this.#int32(hex.length / 2);
    this.#at += this.#buffer.write(hex, this.#at, "hex");
  }

  #openRange(from: Micros): void {
    this.#int32(1 + 4 + 8);
    this.#at = this.#buffer.writeUInt8(RANGE_LOWER_INCLUSIVE | RANGE_UPPER_INFINITE, this.#at);
    this.#int32(8);
    this.#instant(from);
  }

  #text(text: string): void {
    const written = this.#buffer.write(text, this.#at + 4, "utf8");
    this.#int32(written);
    this.#at += written;
  }

  /** The same for every row of one act: written once, then copied. */
  #provenance(version: StoredProvenance): void {
    const said = this.#said;
    if (said !== undefined && said.actId === version.actId && said.authority === version.authority) {
      this.#at += said.fields.copy(this.#buffer, this.#at);
      return;
    }
    const begun = this.#at;
    this.#text(version.authority);
    this.#hex(version.legalBasis);
    if (version.caseId === undefined) this.#int32(NULL_FIELD);
    else this.#text(version.caseId);
    this.#text(version.actId);
    const fields = Buffer.from(this.#buffer.subarray(begun, this.#at));
    this.#said = { actId: version.actId, authority: version.authority, fields };
  }

  #jsonb(json: string): void {
    const written = this.#buffer.write(json, this.#at + 5, "utf8");
    this.#int32(written + 1);
    this.#at = this.#buffer.writeUInt8(JSONB_VERSION, this.#at) + written;
  }

  #bytes(bytes: Uint8Array): void {
    this.#int32(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** A tsvector without positions: lexemes as C strings, each with the number 0 of its positions. */
  #words(words: readonly string[]): void {
    const lengthAt = this.#at;
    this.#int32(0);
    this.#int32(words.length);
    for (const word of words) {
      this.#at += this.#buffer.write(word, this.#at, "utf8");
      this.#buffer.fill(0, this.#at, this.#at + 3);
      this.#at += 3;
    }
    this.#buffer.writeInt32BE(this.#at - lengthAt - 4, lengthAt);
  }
}
