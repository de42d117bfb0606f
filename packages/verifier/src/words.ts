import type { Finding, Verdict } from "./report.ts";

/** What command and page both say. */
export const SIGN: Readonly<Record<Finding["weight"], string>> = { good: "✔", bad: "✘", note: "·", open: "？" };
export const HEADLINE: Readonly<Record<Verdict, readonly [string, string]>> = {
  valid: ["有效", "Valid"],
  invalid: ["无效", "Not valid"],
  unanchored: ["内部一致，但来源未确认", "Holds together, but whose it is was not established"],
  pending: ["已登记，尚未编入日志", "Recorded, not in the log yet"],
};
