import { crc32 } from "node:zlib";
import { concatBytes, utf8 } from "#lib/crypto/bytes";

/** APPNOTE 4.4.4: names are UTF-8. */
const UTF8_NAMES = 0x0800;
/** APPNOTE 4.4.3: what is needed to unpack folders. */
const VERSION = 20;
/** 1 January 1980, midnight: the same files give the same archive whenever it is made. */
const DOS_DATE = (1 << 5) | 1;
/** Version 3: UNIX; rw-r--r-- of an ordinary file. */
const MADE_BY_UNIX = (3 << 8) | VERSION;
const ORDINARY_FILE = 0o100644 * 0x1_0000;

/** What the format holds without its extensions for greater ones. */
const MAX_ZIP_BYTES = 0xffff_fffe;
const MAX_ZIP_FILES = 0xfffe;

/**
 * One ZIP archive (APPNOTE 6.3.10) of files by their path: stored, since documents and pictures are compressed already, in
 * the order that is given. The same files give the same bytes.
 * @param folder into which everything unpacks
 * @throws RangeError where there are too many or too large ones
 */
export function zip(files: ReadonlyMap<string, Uint8Array>, folder: string): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [path, bytes] of files) {
    const name = utf8(`${folder}/${path}`);
    const local = concatBytes(localHeader(name, bytes), name, bytes);
    directory.push(concatBytes(directoryHeader(name, bytes, offset), name));
    parts.push(local);
    offset += local.length;
  }
  const entries = concatBytes(...directory);
  if (files.size > MAX_ZIP_FILES || offset + entries.length > MAX_ZIP_BYTES) {
    throw new RangeError(`${files.size} files of ${offset} bytes are too many for a ZIP archive`);
  }
  return concatBytes(...parts, entries, endOfDirectory({ count: files.size, bytes: entries.length, offset }));
}

/** Numbers of two or four bytes, little-endian. */
function record(...fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Uint8Array {
  const whole = new Uint8Array(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return whole;
}

/** What both headers of a file say alike. */
function common(name: Uint8Array, bytes: Uint8Array): readonly (readonly [2 | 4, number])[] {
  return [
    [2, VERSION],
    [2, UTF8_NAMES],
    [2, 0],
    [2, 0],
    [2, DOS_DATE],
    [4, crc32(bytes)],
    [4, bytes.length],
    [4, bytes.length],
    [2, name.length],
    [2, 0],
  ];
}

function localHeader(name: Uint8Array, bytes: Uint8Array): Uint8Array {
  return record([4, 0x0403_4b50], ...common(name, bytes));
}

function directoryHeader(name: Uint8Array, bytes: Uint8Array, offset: number): Uint8Array {
  return record(
    [4, 0x0201_4b50],
    [2, MADE_BY_UNIX],
    ...common(name, bytes),
    [2, 0],
    [2, 0],
    [2, 0],
    [4, ORDINARY_FILE],
    [4, offset],
  );
}

function endOfDirectory(of: { readonly count: number; readonly bytes: number; readonly offset: number }): Uint8Array {
  return record([4, 0x0605_4b50], [2, 0], [2, 0], [2, of.count], [2, of.count], [4, of.bytes], [4, of.offset], [2, 0]);
}
