import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { zip } from "./zip.ts";

/** A reader of its own, that goes by the directory at the end, as unpacking programs do. */
function unzip(archive: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.length);
  const end = archive.length - 22;
  assert.equal(view.getUint32(end, true), 0x0605_4b50);
  const files = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let count = view.getUint16(end + 10, true); count > 0; count -= 1) {
    assert.equal(view.getUint32(at, true), 0x0201_4b50);
    const [size, nameSize, offset] = [
      view.getUint32(at + 20, true),
      view.getUint16(at + 28, true),
      view.getUint32(at + 42, true),
    ];
    const name = fromUtf8(archive.subarray(at + 46, at + 46 + nameSize));
    assert.equal(view.getUint32(offset, true), 0x0403_4b50);
    const begin = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    const bytes = archive.subarray(begin, begin + size);
    assert.equal(view.getUint32(at + 16, true), crc32(bytes), name);
    assert.equal(view.getUint16(at + 8, true), view.getUint16(offset + 6, true));
    files.set(name, bytes);
    at += 46 + nameSize;
  }
  assert.equal(at, end);
  return files;
}

test("what is packed is unpacked, with Chinese names, empty files and nothing at all", () => {
  const files = new Map([
    ["bagit.txt", utf8("BagIt-Version: 1.0\n")],
    ["data/材料/布局图.pdf", new Uint8Array(70_000).fill(7)],
    ["data/empty", new Uint8Array()],
  ]);
  const unpacked = unzip(zip(files, "QY-2026-000217"));
  assert.deepEqual(
    [...unpacked.keys()],
    [...files.keys()].map((path) => `QY-2026-000217/${path}`),
  );
  for (const [path, bytes] of files) assert.deepEqual(unpacked.get(`QY-2026-000217/${path}`), bytes);
  assert.deepEqual(zip(files, "QY-2026-000217"), zip(files, "QY-2026-000217"));
  assert.equal(unzip(zip(new Map(), "empty")).size, 0);
});
