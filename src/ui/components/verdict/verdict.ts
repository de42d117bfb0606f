import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";

export interface VerdictOptions {
  readonly language: Language;
  readonly kind: "genuine" | "doubtful" | "false";
  readonly title: Content;
  /** What was checked, in words, each with its outcome. */
  readonly checks: readonly { readonly passed: boolean; readonly text: Content }[];
  /** What it says: holder, number, validity. */
  readonly content?: Html | undefined;
}

const PASSED = text("通过：", "Passed: ");
const FAILED = text("未通过：", "Failed: ");

/** The answer to "is this genuine?", and what it rests on. */
export function verdict({ language, kind, title, checks, content }: VerdictOptions): Html {
  const items = checks.map(
    (check) =>
      html`<li class="zt-verdict__check zt-verdict__check--${check.passed ? "passed" : "failed"}"><strong>${(check.passed ? PASSED : FAILED)[language]}</strong>${check.text}</li>`,
  );
  return html`<section class="zt-verdict zt-verdict--${kind}"><h2 class="zt-verdict__title">${title}</h2>${content ?? NOTHING}<ul>${items}</ul></section>`;
}
