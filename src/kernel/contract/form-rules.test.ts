import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { text } from "#lib/language/text";
import { withNeeds } from "./form-rules.ts";

const form = withNeeds(
  z.object({
    kind: z.enum(["new", "change", "renewal"]),
    number: z.string().optional(),
    reasons: z.string().optional(),
    area: z.coerce.number().positive(),
  }),
  [
    { field: "number", when: ({ kind }) => kind !== "new", message: text("请填写编号", "Enter the number") },
    { field: "reasons", when: () => true, message: text("请填写理由", "Give reasons") },
  ],
);

function wrong(entered: unknown): readonly string[] {
  const parsed = form.safeParse(entered);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join(".")).sort();
}

test("what an answer makes needed is named while other fields are still empty", () => {
  assert.deepEqual(wrong({ kind: "change", reasons: "r" }), ["area", "number"]);
  assert.deepEqual(wrong({ kind: "new", reasons: "r" }), ["area"]);
  assert.deepEqual(wrong({ kind: "change", number: "1", reasons: "r", area: 5 }), []);
});

test("an answer that is missing or wrong makes nothing needed; what is always needed stays so", () => {
  assert.deepEqual(wrong({ area: 5 }), ["kind", "reasons"]);
  assert.deepEqual(wrong({ kind: "other", area: 5, reasons: "r" }), ["kind"]);
});

test("what is no form at all is refused without looking", () => {
  assert.deepEqual(wrong("kind"), [""]);
  assert.deepEqual(wrong(null), [""]);
});
