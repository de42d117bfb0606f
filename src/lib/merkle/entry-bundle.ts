import { TILE_WIDTH } from "./tile.ts";

/** The longest entry that a bundle can hold: its length is a big-endian uint16. */
export const ENTRY_MAX_BYTES = 65_535;

/** Writes entries as C2SP tlog-tiles has them: each with its length before it. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > TILE_WIDTH) throw new RangeError(`a bundle has at most ${TILE_WIDTH} entries`);
  let size = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_MAX_BYTES) throw new RangeError(`an entry has at most ${ENTRY_MAX_BYTES} bytes`);
    size += 2 + entry.length;
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    view.setUint16(at, entry.length);
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** Reads a bundle; undefined when it is cut off or holds too many entries. */
export function decodeBundle(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length || entries.length === TILE_WIDTH) return undefined;
    const end = at + 2 + view.getUint16(at);
    if (end > bytes.length) return undefined;
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  return entries;
}
