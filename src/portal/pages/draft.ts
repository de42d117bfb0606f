import { isRefusal } from "#kernel/contract/refusal";
import { assert } from "#kernel/errors/fault";
import type { PageRequest, PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Draft, knownService } from "#kernel/services/application";
import { readDraft } from "#kernel/services/drafts";
import { isUuid } from "#lib/crypto/uuid";
import type { Html } from "#lib/html/html";
import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { type FormStep, formSteps } from "#ui/components/form-steps/form-steps";
import { portalResponse } from "../frame.ts";
import { type FormPart, formParts, type Item, itemAt } from "../item.ts";
import { type Problem, problemSummary, refused } from "../problem.ts";
import { askToSwitch } from "./on-behalf.ts";

/** A draft that its person has open, with the item that it is for. */
export interface OpenDraft {
  readonly draft: Draft;
  readonly item: Item;
  readonly parts: readonly FormPart[];
}

/** The screens of an application, in order: what government knows, the form, the documents, a last look. */
export type Screen = "facts" | "materials" | "review" | number;

const FACTS = text("核对已有信息", "What we know");
const MATERIALS = text("上传材料", "Documents");
const REVIEW = text("核对并提交", "Check and submit");
const DISCARD = text("放弃这份草稿", "Discard this draft");

/** Opens the draft that the address names; another person's is as if it were not there. */
export async function openDraft(site: Site, request: PageRequest): Promise<OpenDraft | PageResponse> {
  const id = request.params["draft"] ?? "";
  if (!isUuid(id)) return { kind: "not-found" };
  const draft = await readDraft(site.kernel, site.kernel.database, request.act({ purpose: "own-affairs" }), id);
  if (isRefusal(draft)) return refused(site, request, draft);
  return (await askToSwitch(site, request, draft.applicant)) ?? withItem(site, draft);
}

/** The same for a draft in hand. */
export function withItem(site: Site, draft: Draft): OpenDraft {
  knownService(site.kernel, draft);
  const item = itemAt(site.kernel, draft.room, draft.service);
  assert(item, "the item of a draft is composed");
  return { draft, item, parts: formParts(item.service) };
}

export function isResponse(opened: OpenDraft | PageResponse): opened is PageResponse {
  return "kind" in opened;
}

/** The address of a screen. */
export function screenHref(draftId: string, screen: Screen): string {
  return typeof screen === "number" ? `/drafts/${draftId}/form/${screen}` : `/drafts/${draftId}/${screen}`;
}

function screensOf(opened: OpenDraft): readonly Screen[] {
  const form = opened.parts.map((_, index) => index + 1);
  const materials = Object.keys(opened.item.service.materials).length > 0;
  return ["facts", ...form, ...(materials ? (["materials"] as const) : []), "review"];
}

export function screenAfter(opened: OpenDraft, screen: Screen): Screen {
  const screens = screensOf(opened);
  return screens[screens.indexOf(screen) + 1] ?? "review";
}

export function screenBefore(opened: OpenDraft, screen: Screen): Screen | undefined {
  const screens = screensOf(opened);
  return screens[screens.indexOf(screen) - 1];
}

/** A screen of an application with its steps, heading and what is wrong. */
export function draftScreen(
  site: Site,
  request: PageRequest,
  opened: OpenDraft,
  content: {
    readonly screen: Screen;
    readonly title: string;
    readonly lead?: string;
    readonly main: Html;
    readonly problems?: readonly Problem[];
  },
): PageResponse {
  const { language } = request;
  const before = screenBefore(opened, content.screen);
  const problems = content.problems ?? [];
  return portalResponse(site, request, {
    title: content.title,
    backHref: before === undefined ? `${opened.item.href}/start` : screenHref(opened.draft.id, before),
    hasErrors: problems.length > 0,
    main: html`${problemSummary(language, problems)}${formSteps({ language, steps: stepsOf(opened, content.screen, language) })}<div class="zt-heading"><p class="zt-heading__caption">${opened.item.service.title[language]} · ${applicantName(opened.draft)}</p><h1>${content.title}</h1>${
      content.lead ? html`<p class="zt-heading__lead">${content.lead}</p>` : ""
    }</div>${content.main}<p class="zt-aside"><a class="govuk-link" href="/drafts/${opened.draft.id}/discard">${DISCARD[language]}</a></p>`,
  });
}

export function applicantName(draft: Pick<Draft, "facts">): string {
  return draft.facts.find((fact) => fact.id === "applicantName")?.value ?? "";
}

function stepsOf(opened: OpenDraft, screen: Screen, language: PageRequest["language"]): readonly FormStep[] {
  const screens = screensOf(opened);
  const now = screens.indexOf(screen);
  return screens.map((one, index) => ({
    title: titleOf(opened, one)[language],
    state: index < now ? "done" : index === now ? "now" : "ahead",
    href: screenHref(opened.draft.id, one),
  }));
}

export function titleOf(opened: OpenDraft, screen: Screen) {
  if (typeof screen === "number") return opened.parts[screen - 1]?.title ?? REVIEW;
  return { facts: FACTS, materials: MATERIALS, review: REVIEW }[screen];
}
