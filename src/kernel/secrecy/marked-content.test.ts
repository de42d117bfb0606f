import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { openDocuments } from "#kernel/documents/documents";
import { fileHasMark, jsonHasMark, unwantedMark } from "./marked-content.ts";

let documents: Awaited<ReturnType<typeof openDocuments>>;
const PAGE = '#set document(title: "x")\n#set text(font: "Noto Serif SC", lang: "zh")\n';
const kindOf = (kind: string, source: string) => ({
  ...{ kind, main: `/${kind}.typ`, sources: { [`/${kind}.typ`]: `${PAGE}${source}` }, data: z.object({}) },
});
before(async () => {
  documents = await openDocuments({
    kinds: [
      kindOf("marked", "#grid(columns: (1fr, 1fr), [清源县], [机密★10年])\n关于……的通报"),
      kindOf("divided", "*秘密* ★5年"),
      kindOf("open", "商业秘密，★★★★★"),
    ],
  });
});
after(() => documents.close());

async function pdf(kind: string): Promise<Uint8Array> {
  const rendered = await documents.render({ kind, data: {} });
  assert.ok("pdf" in rendered);
  return rendered.pdf;
}

test("a PDF is marked where a reader sees it", async () => {
  assert.ok(await fileHasMark({ bytes: await pdf("marked") }));
  assert.ok(await fileHasMark({ bytes: await pdf("divided") }));
  assert.ok(!(await fileHasMark({ bytes: await pdf("open") })));
});

test("what is no sound PDF is no failure, and what was given is left as it was", async () => {
  const bytes = await pdf("open");
  const copy = Uint8Array.from(bytes);
  assert.ok(!(await fileHasMark({ bytes: bytes.subarray(0, bytes.length / 2) })));
  assert.ok(!(await fileHasMark({ bytes: new TextEncoder().encode("%PDF-1.7\nnothing") })));
  assert.deepEqual(Uint8Array.from(bytes), copy);
  // After what could not be read the next one is.
  assert.ok(await fileHasMark({ bytes: await pdf("marked") }));
});

test("names, plain text and markup are looked at as well", async () => {
  const of = (written: string) => new TextEncoder().encode(written);
  assert.ok(await fileHasMark({ name: "绝密★.pdf", bytes: of("x") }));
  assert.ok(await fileHasMark({ name: "a.txt", bytes: of("机密★") }));
  assert.ok(await fileHasMark({ name: "a.xml", bytes: of("<a>机密<b/>&#9733;</a>") }));
  assert.ok(!(await fileHasMark({ name: "秘密花园.txt", bytes: of("…") })));
});

test("JSON has a mark also where it is written in escapes", () => {
  const of = (written: string) => new TextEncoder().encode(written);
  assert.ok(jsonHasMark(of('{"a":"机密★"}')));
  assert.ok(jsonHasMark(of(String.raw`{"a":["\u673a\u5bc6\u2605"]}`)));
  assert.ok(!jsonHasMark(of(String.raw`{"a":["\u2605\u2605"]}`)));
  assert.ok(!jsonHasMark(of(String.raw`{"a":"\u2605`)));
});

test("a node of the intranet takes what the others do not", () => {
  assert.equal(unwantedMark("intranet", { a: "机密★" }), undefined);
  for (const zone of ["extranet", "internet"] as const) assert.equal(unwantedMark(zone, { a: "机密★" }), "a");
});
