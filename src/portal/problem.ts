import type { Refusal } from "#kernel/contract/refusal";
import type { PageRequest, PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { errorSummary } from "#ui/components/error-summary/error-summary";
import { portalResponse } from "./frame.ts";

const PROBLEM = text("有问题需要处理", "There is a problem");
const PROBLEMS = text("有 {count} 处需要处理", "There are {count} things to put right");
const NOT_DONE = text("未能办理", "This could not be done");
const BACK = text("返回", "Go back");

/** One thing that is wrong, and where it is put right. */
export interface Problem {
  readonly text: Text;
  readonly href?: string | undefined;
}

/** All that is wrong, above the page; nothing where nothing is. */
export function problemSummary(language: Language, problems: readonly Problem[]): Html {
  if (problems.length === 0) return NOTHING;
  return errorSummary({
    title: (problems.length === 1 ? PROBLEM : fill(PROBLEMS, { count: problems.length }))[language],
    errorList: problems.map((one) => ({ text: one.text[language], href: one.href })),
  });
}

/** What a refusal says, its issues linked to where they are put right. */
export function refusalProblems(refusal: Refusal, hrefOf?: (path: string) => string | undefined): readonly Problem[] {
  if (refusal.issues.length === 0) return [{ text: refusal.text }];
  return refusal.issues.map((issue) => ({ text: issue.text, href: hrefOf?.(issue.path) }));
}

/** Codes that say no more to a stranger than that there is nothing. */
const AS_IF_ABSENT: ReadonlySet<string> = new Set(["case-unknown", "draft-unknown", "service-unknown", "not-found"]);

/** A page that says what could not be done and why; what is not the reader's is as if it were not there, and what needs proof asks for it. */
export function refused(site: Site, request: PageRequest, refusal: Refusal, backHref = "/my"): PageResponse {
  if (AS_IF_ABSENT.has(refusal.code)) return { kind: "not-found" };
  if (refusal.needs) return { kind: "step-up", needs: refusal.needs };
  const { language } = request;
  return portalResponse(site, request, {
    title: NOT_DONE[language],
    status: refusal.code === "unavailable" ? 503 : 409,
    main: html`<div class="zt-prose"><h1>${NOT_DONE[language]}</h1><p>${refusal.text[language]}</p>${
      refusal.issues.length > 0
        ? html`<ul>${refusal.issues.map((issue) => html`<li>${issue.text[language]}</li>`)}</ul>`
        : NOTHING
    }<div class="zt-actions">${button({ text: BACK[language], href: backHref })}</div></div>`,
  });
}
