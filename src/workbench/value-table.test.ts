import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineContract, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { answerWords } from "./answer-words.ts";
import { valueTable } from "./value-table.ts";

const find = query({
  title: text("查询", "Find"),
  audience: ["official"],
  duty: "sample.read",
  input: z.object({ number: field(z.string(), { title: text("许可证编号", "Licence number") }) }),
  output: z.object({
    number: z.string(),
    status: field(z.enum(["valid", "revoked"]), {
      title: text("状态", "State"),
      options: { valid: text("有效", "Valid"), revoked: text("已撤销", "Revoked") },
    }),
    askedAt: z.string(),
    open: z.boolean(),
  }),
  refusals: {},
  legalBasis: [],
});
const contract = defineContract({
  id: "sample",
  version: "1.0",
  title: text("例", "Sample"),
  steward: text("例", "Sample"),
  operations: { find },
});

test("an answer has the words of its contract, and no raw name, value or instant", () => {
  const words = answerWords(contract, find);
  const value = { number: "JY1", status: "revoked", askedAt: "2026-11-28T20:00:00.123Z", open: true };
  const zh = String(valueTable(value, { language: "zh", words }));
  assert.match(zh, /许可证编号.*JY1.*状态.*已撤销.*登记时间.*11 月 29 日 04:00.*是/s);
  assert.doesNotMatch(zh, /number<|revoked|T20:00/);
  assert.match(String(valueTable([], { language: "en", words })), /None/);
});
