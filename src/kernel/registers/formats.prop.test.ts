import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { text } from "#lib/language/text";
import { register } from "../contract/contract.ts";
import { csvHeader, readCsv, writeCsv } from "./csv.ts";
import type { Entry } from "./handle.ts";
import type { ImportRow } from "./import-entries.ts";
import { readNdjson, writeNdjson } from "./ndjson.ts";
import { shapeOf } from "./shape.ts";

const SHAPE = shapeOf(
  "room",
  "thing",
  register({
    title: text("物", "Thing"),
    schema: z.object({
      name: z.string(),
      count: z.int().optional(),
      ratio: z.number().optional(),
      open: z.boolean().optional(),
      list: z.array(z.string()).optional(),
      place: z.object({ zh: z.string() }).optional(),
    }),
    subject: { kind: "none" },
    legalBasis: [],
    retention: "permanent",
  }),
);

const words = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('"', '",\r\n"', "\r", "\n,", "堃𬀩", "\ufeff"));
const filled = words.filter((each) => each !== "");
const value = fc.record(
  {
    name: filled,
    count: fc.integer(),
    ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => (Object.is(each, -0) ? 0 : each)),
    open: fc.boolean(),
    list: fc.array(words, { maxLength: 3 }),
    place: fc.record({ zh: words }, { noNullPrototype: true }),
  },
  { requiredKeys: ["name"], noNullPrototype: true },
);

function entry(given: unknown): Entry<unknown> {
  return {
    key: "019a0000-0000-7000-8000-000000000001",
    value: given,
    validFrom: "2026-01-31T00:00:00.000Z",
    validTo: undefined,
    recordedFrom: "2026-01-31T00:00:00.000Z",
    recordedTo: undefined,
    provenance: { authority: "清源县", legalBasis: [], actId: "act" },
  };
}

/** Cut anywhere, also within a character. */
function* pieces(whole: string, size: number): Generator<Uint8Array> {
  const bytes = Buffer.from(whole, "utf8");
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(rows: AsyncIterable<readonly ImportRow[]>): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  for await (const batch of rows) for (const row of batch) values.push(row.value);
  return values;
}

// A byte order mark at the very beginning of a file is not part of it.
const texts = fc.array(value, { minLength: 1, maxLength: 4 });

test("what is written as CSV or NDJSON is read again, however the stream is cut", async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 40 }), async (values, size) => {
      const csv = csvHeader(SHAPE) + values.map((each) => writeCsv(entry(each), SHAPE)).join("");
      const ndjson = values.map((each) => writeNdjson(entry(each))).join("");
      assert.deepEqual(await all(readCsv(pieces(csv, size), SHAPE)), values);
      assert.deepEqual(await all(readNdjson(pieces(ndjson, size))), values);
    }),
    { numRuns: 200 },
  );
});
