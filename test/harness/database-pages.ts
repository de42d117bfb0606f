/** Files of PostgreSQL as somebody changes them who has the disk and not the server: heap pages, and the checksum made right again. */
import { readFile, writeFile } from "node:fs/promises";

const PAGE_BYTES = 8_192;
const SUMS = 32;
const PRIME = 16_777_619;
const CHECKSUM_AT = 8;
const LOWER_AT = 12;
const HEADER_BYTES = 24;
const ITEM_BYTES = 4;
/** PostgreSQL's src/include/storage/checksum_impl.h: where each of the 32 sums begins. */
const OFFSETS = [
  ...[0x5b1f36e9, 0xb8525960, 0x02ab50aa, 0x1de66d2a, 0x79ff467a, 0x9bb9f8a3, 0x217e7cd2, 0x83e13d2c],
  ...[0xf8d4474f, 0xe39eb970, 0x42c6ae16, 0x993216fa, 0x7b093b5d, 0x98daff3c, 0xf718902a, 0x0b1c9cdb],
  ...[0xe58f764b, 0x187636bc, 0x5d7b3bb1, 0xe73de7de, 0x92bec979, 0xcca6c0b2, 0x304a0979, 0x85aa43d4],
  ...[0x783125bb, 0x6ca8eaa2, 0xe407eac6, 0x4b5cfc3e, 0x9fbf8c76, 0x15ca20be, 0xf2ca9fd3, 0x959bd756],
];

/** What `pg_checksum_page` computes; the page is of the first segment, whose blocks count from 0. */
function checksumOf(page: Buffer, block: number): number {
  const words = Buffer.from(page);
  words.writeUInt16LE(0, CHECKSUM_AT);
  const sums = Uint32Array.from(OFFSETS);
  const mix = (at: number, value: number): void => {
    const mixed = ((sums[at] as number) ^ value) >>> 0;
    sums[at] = Math.imul(mixed, PRIME) ^ (mixed >>> 17);
  };
  for (let at = 0; at < PAGE_BYTES; at += 4) mix((at / 4) % SUMS, words.readUInt32LE(at));
  for (const _ of [1, 2]) for (let at = 0; at < SUMS; at += 1) mix(at, 0);
  const folded = sums.reduce((whole, sum) => (whole ^ sum) >>> 0, 0);
  return (((folded ^ block) >>> 0) % 65_535) + 1;
}

/** A relation's file, opened to be changed. */
export class RelationFile {
  readonly #path: string;
  readonly #bytes: Buffer;

  private constructor(path: string, bytes: Buffer) {
    this.#path = path;
    this.#bytes = bytes;
  }

  static async open(path: string): Promise<RelationFile> {
    return new RelationFile(path, await readFile(path));
  }

  /** Whether every page has the checksum that we compute: so that what is written afterwards is not found by it. */
  hasRightChecksums(): boolean {
    return this.#pages().every(({ page, block }) => page.readUInt16LE(CHECKSUM_AT) === checksumOf(page, block));
  }

  /** Puts other bytes of the same length in place of all that are found. @returns how many were found */
  replace(from: Uint8Array, to: Uint8Array): number {
    let count = 0;
    for (let at = this.#bytes.indexOf(from); at !== -1; at = this.#bytes.indexOf(from, at + 1)) {
      this.#bytes.set(to, at);
      count += 1;
    }
    return count;
  }

  /** Takes the row away that has these bytes: its line pointer is unused from now on. @returns how many were found */
  remove(having: Uint8Array): number {
    let count = 0;
    for (const { page } of this.#pages()) {
      for (let item = HEADER_BYTES; item < page.readUInt16LE(LOWER_AT); item += ITEM_BYTES) {
        const pointer = page.readUInt32LE(item);
        const [offset, length] = [pointer & 0x7fff, pointer >>> 17];
        if (!page.subarray(offset, offset + length).includes(having)) continue;
        page.writeUInt32LE(0, item);
        count += 1;
      }
    }
    return count;
  }

  /** @param checksums whether they are made right */
  async save({ checksums = true }: { readonly checksums?: boolean } = {}): Promise<void> {
    if (checksums)
      for (const { page, block } of this.#pages()) page.writeUInt16LE(checksumOf(page, block), CHECKSUM_AT);
    await writeFile(this.#path, this.#bytes);
  }

  #pages(): readonly { readonly page: Buffer; readonly block: number }[] {
    const pages = Array.from({ length: this.#bytes.length / PAGE_BYTES }, (_, block) => ({
      page: this.#bytes.subarray(block * PAGE_BYTES, (block + 1) * PAGE_BYTES),
      block,
    }));
    // A page that was never written is zeros.
    return pages.filter(({ page }) => page.readUInt16LE(LOWER_AT) !== 0);
  }
}
