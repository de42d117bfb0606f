import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attributes, html } from "#lib/html/html";

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom("<", ">", '"', "'", "`", "&", "=", "/", "-", "!", " ", "\n", "a", "script", "on", "lt;"),
    maxLength: 30,
  }),
);

/** The control characters up to the space, U+0000 to U+0020. */
const BELOW_SPACE = new RegExp(`[${String.fromCharCode(0)}-\\u0020]`, "g");

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&#96;": "`",
};

function decoded(value: string): string {
  return value.replace(/&(?:amp|lt|gt|quot|#39|#96);/g, (entity) => ENTITIES[entity] as string);
}

test("no string breaks out of text or of a quoted value, and every string survives", () => {
  fc.assert(
    fc.property(nasty, nasty, nasty, (first, second, third) => {
      const out = String(html`<p title="${first}" lang='${second}'>${third}</p>`);
      const match = /^<p title="([^"<>]*)" lang='([^'<>]*)'>([^<>]*)<\/p>$/.exec(out);
      assert.notEqual(match, null, out);
      assert.deepEqual((match as RegExpExecArray).slice(1).map(decoded), [first, second, third]);
    }),
  );
});

test("no string breaks out of attributes()", () => {
  fc.assert(
    fc.property(nasty, (value) => {
      const match = /^ title="([^"<>]*)"$/.exec(String(attributes({ title: value })));
      assert.equal(decoded((match as RegExpExecArray)[1] as string), value);
    }),
  );
});

test("no address that is written runs a script", () => {
  const address = fc.tuple(
    fc.constantFrom("", " ", "\t", "\u0000", "\u001f"),
    fc.constantFrom("javascript", "JAVASCRIPT", "java\nscript", "vbscript", "data", "http", ""),
    fc.constantFrom(":", " :", ""),
    nasty,
  );
  fc.assert(
    fc.property(address, (parts) => {
      const written = decoded(String(attributes({ href: parts.join("") })).slice(' href="'.length, -1));
      // What a browser sees after it removed controls, tabs and line ends (WHATWG URL, "basic URL parser").
      const seen = written.replaceAll(BELOW_SPACE, "").toLowerCase();
      assert.doesNotMatch(seen, /^(javascript|vbscript):/);
      if (seen.startsWith("data:")) assert.match(seen, /^data:image\//);
    }),
  );
});
