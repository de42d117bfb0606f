import assert from "node:assert/strict";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";

/** The value of an answer that must not be a refusal. */
export function answered<T>(answer: T): Exclude<T, Refusal> {
  assert.ok(!isRefusal(answer), JSON.stringify(answer));
  return answer as Exclude<T, Refusal>;
}

/** That an answer is this refusal, and says so in both languages. */
export function refused(answer: unknown, code: string): Refusal {
  assert.ok(isRefusal(answer), `should have been refused as ${code}: ${JSON.stringify(answer)}`);
  assert.equal(answer.code, code, JSON.stringify(answer));
  assert.ok(answer.text.zh && answer.text.en);
  for (const issue of answer.issues) assert.ok(issue.text.zh && issue.text.en);
  return answer;
}
