import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { bytesHaveMark, MarkScanner } from "./marked-bytes.ts";
import { isZip, markupHasMark, zipHasMark } from "./office-file.ts";

const utf8 = (written: string) => new TextEncoder().encode(written);
/** 机密★10年 in GB 18030. */
const GB18030 = Uint8Array.fromHex("bbfac3dca1ef3130c4ea");
const utf16 = (written: string, big: boolean) => {
  const bytes = Buffer.from(written, "utf16le");
  return new Uint8Array(big ? bytes.swap16() : bytes);
};
const noise = fc.uint8Array({ maxLength: 300 });

describe("bytes of any kind", () => {
  test("have a mark wherever it stands, in each encoding", () => {
    const marks = [utf8("机密★10年"), utf8("★ 绝密"), GB18030];
    fc.assert(
      fc.property(noise, fc.constantFrom(...marks), noise, (before, mark, after) => {
        // What is before may swallow the first byte, as a lead byte does.
        assert.ok(bytesHaveMark(Buffer.concat([before, utf8("\n"), mark, utf8("\n"), after])));
      }),
    );
    for (const big of [false, true]) assert.ok(bytesHaveMark(utf16("关于……的通知 秘密★5年", big)));
    assert.ok(!bytesHaveMark(utf8("★★★★★ 好评，商业秘密")));
    assert.ok(!bytesHaveMark(new Uint8Array(0)));
  });

  test("random bytes have none", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => assert.ok(!bytesHaveMark(bytes))));
  });

  test("that come in pieces have it as well, wherever they are divided", () => {
    const whole = Buffer.concat([Buffer.alloc(500, 7), utf8("\n机密 ★10年\n"), Buffer.alloc(500, 7)]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 30 }), (cuts) => {
        const scanner = new MarkScanner();
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const found = places.slice(1).map((to, at) => scanner.push(whole.subarray(places[at], to)));
        assert.ok(found.some(Boolean));
      }),
    );
  });
});

describe("files that are XML in a ZIP", () => {
  const docx = (text: string) => {
    const xml = `<?xml version="1.0"?><w:document><w:body><w:p>${text}</w:p></w:body></w:document>`;
    return zipOf("word/document.xml", utf8(xml));
  };

  test("have a mark in their text, also where tags divide it, and in the names of their parts", () => {
    assert.ok(zipHasMark(docx("<w:r><w:t>机密</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>★10年</w:t></w:r>")));
    assert.ok(zipHasMark(docx("<w:t>秘&#23494;&#x2605;</w:t>")));
    assert.ok(zipHasMark(zipOf("绝密★.xml", utf8("<a/>"))));
    assert.ok(!zipHasMark(docx("<w:t>商业秘密，★★★★★</w:t>")));
    assert.ok(markupHasMark(utf8("<html><b>机密</b><i>★</i></html>")));
  });

  test("that are hostile cost no more than their bound, and are no failure", () => {
    const bomb = zipOf("bomb.xml", new Uint8Array(40 * 1024 * 1024));
    assert.ok(bomb.length < 1_000_000);
    assert.ok(!zipHasMark(bomb));
    const sound = docx("<w:t>文</w:t>");
    assert.ok(isZip(sound));
    fc.assert(
      fc.property(
        fc.nat({ max: sound.length - 1 }),
        fc.nat({ max: 255 }),
        fc.nat({ max: sound.length }),
        (at, to, end) => {
          const changed = Uint8Array.from(sound);
          changed[at] = to;
          assert.equal(typeof zipHasMark(changed.subarray(0, end)), "boolean");
        },
      ),
    );
  });
});

/** One part, deflated. */
function zipOf(name: string, content: Uint8Array): Uint8Array {
  const [packed, path] = [deflateRawSync(content), utf8(name)];
  const header = (signature: number, size: number, nameAt: number, shift: number) => {
    const bytes = Buffer.alloc(size + path.length);
    bytes.writeUInt32LE(signature);
    bytes.writeUInt16LE(8, 8 + shift);
    bytes.writeUInt32LE(packed.length, 18 + shift);
    bytes.writeUInt32LE(content.length, 22 + shift);
    bytes.writeUInt16LE(path.length, 26 + shift);
    bytes.set(path, nameAt);
    return bytes;
  };
  const local = Buffer.concat([header(0x04034b50, 30, 30, 0), packed]);
  const central = header(0x02014b50, 46, 46, 2);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
