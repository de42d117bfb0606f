import { assert } from "../errors/fault.ts";

/**
 * Rows of `COPY … FROM STDIN (FORMAT binary)` (documentation of COPY, "Binary Format"; the fields as the types' receive functions
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
const TEXT_OID = 25;
const FIRST_SIZE_BYTES = 64 * 1024;
export const UTF8_MAX_BYTES = 3; // for each UTF-16 code unit

/** Collects rows, field by field. */
export class CopyFields {
  #buffer = Buffer.allocUnsafe(FIRST_SIZE_BYTES);
  #at = 0;

  /** How many bytes there are. */
  get size(): number {
    return this.#at;
  }

  /** Begins a row. @param bytes what it takes at most */
  row(fields: number, bytes: number): void {
    if (this.#at + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
      this.#buffer.copy(larger, 0, 0, this.#at);
      this.#buffer = larger;
    }
    this.#at = this.#buffer.writeInt16BE(fields, this.#at);
  }

  /** What was collected since the last time: a view, which holds until the next row begins. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#at);
    this.#at = 0;
    return taken;
  }

  /** A copy of what was written from some place on. */
  since(begun: number): Buffer {
    return Buffer.from(this.#buffer.subarray(begun, this.#at));
  }

  /** Fields that were written before. */
  again(fields: Buffer): void {
    this.#at += fields.copy(this.#buffer, this.#at);
  }

  none(): void {
    this.#int32(NULL_FIELD);
  }

  int4(value: number): void {
    this.#int32(4);
    this.#int32(value);
  }

  int8(value: number): void {
    this.#int32(8);
    this.#int64(value);
  }

  /** @param micros since 1970 */
  instant(micros: number): void {
    this.#int32(8);
    this.#micros(micros);
  }

  /** A tstzrange. @param from microseconds since 1970 */
  openRange(from: number): void {
    this.#int32(1 + 4 + 8);
    this.#at = this.#buffer.writeUInt8(RANGE_LOWER_INCLUSIVE | RANGE_UPPER_INFINITE, this.#at);
    this.instant(from);
  }

  uuid(uuid: string): void {
    this.hex(uuid.replaceAll("-", ""));
  }

  /** A bytea. */
  hex(hex: string): void {
    this.#int32(hex.length / 2);
    this.#at += this.#buffer.write(hex, this.#at, "hex");
  }

  bytes(bytes: Uint8Array): void {
    this.#int32(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  text(text: string): void {
    const written = this.#buffer.write(text, this.#at + 4, "utf8");
    this.#int32(written);
    this.#at += written;
  }

  /** A text whose characters are ASCII's. */
  ascii(text: string): void {
    this.#int32(text.length);
    this.#at += this.#buffer.write(text, this.#at, "latin1");
  }

  jsonb(json: string): void {
    const written = this.#buffer.write(json, this.#at + 5, "utf8");
    this.#int32(written + 1);
    this.#at = this.#buffer.writeUInt8(JSONB_VERSION, this.#at) + written;
  }

  /** A text[]. */
  texts(texts: readonly (string | null)[]): void {
    const lengthAt = this.#at;
    this.#int32(0);
    this.#int32(texts.length === 0 ? 0 : 1); // dimensions
    this.#int32(texts.includes(null) ? 1 : 0);
    this.#int32(TEXT_OID);
    if (texts.length > 0) {
      this.#int32(texts.length);
      this.#int32(1); // its first place
    }
    for (const text of texts) {
      if (text === null) this.none();
      else this.text(text);
    }
    this.#buffer.writeInt32BE(this.#at - lengthAt - 4, lengthAt);
  }

  /** A tsvector without positions: lexemes as C strings, each with the number 0 of its positions. */
  words(words: readonly string[]): void {
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

  #int32(value: number): void {
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
  }

  #int64(value: number): void {
    assert(Number.isSafeInteger(value), "a whole number that is exact");
    const high = Math.floor(value / TWO_TO_32);
    this.#int32(high);
    this.#at = this.#buffer.writeUInt32BE(value - high * TWO_TO_32, this.#at);
  }

  #micros(micros: number): void {
    this.#int64(micros - POSTGRES_EPOCH_MICROS);
  }
}
