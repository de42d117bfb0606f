import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { saveDraft } from "#kernel/services/drafts";
import { inputIssues } from "#kernel/system/input-issues";
import { html, NOTHING } from "#lib/html/html";
import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { formValues, renderForm } from "#ui/form/render-form";
import { readPart } from "../answers.ts";
import { formFields } from "../frame.ts";
import type { FormPart } from "../item.ts";
import { withOffers } from "../offers.ts";
import { refused } from "../problem.ts";
import { draftScreen, isResponse, type OpenDraft, openDraft, screenAfter, screenHref } from "./draft.ts";

const CONTINUE = text("保存并继续", "Save and continue");
const LATER = text("保存，以后再填", "Save and come back later");

/** One screen of the form. Whatever is entered is kept at once, right or wrong. */
export function draftFormPage(site: Site): Page {
  return definePage({
    path: "/drafts/:draft/form/:page",
    audience: "person",
    get: async (request) => {
      const opened = await openDraft(site, request);
      if (isResponse(opened)) return opened;
      const part = await partAt(site, opened, request);
      if (!part) return { kind: "not-found" };
      const values = formValues(part.fields, opened.draft.form);
      // From the last look, a screen is opened with what is wrong on it.
      const errors = request.query["check"] === "1" ? problemsOf(opened, part) : {};
      return screen(site, request, opened, { part, values, errors });
    },
    post: async (request) => {
      const opened = await openDraft(site, request);
      if (isResponse(opened)) return opened;
      const part = await partAt(site, opened, request);
      return part ? save(site, request, opened, part) : { kind: "not-found" };
    },
  });
}

function pageNumber(request: PageRequest): number {
  return Number(/^[1-9]\d?$/.exec(request.params["page"] ?? "")?.[0] ?? 0);
}

/** The screen that is asked for, with what government knows offered instead of asked. */
async function partAt(site: Site, opened: OpenDraft, request: PageRequest): Promise<FormPart | undefined> {
  const part = opened.parts[pageNumber(request) - 1];
  if (!part) return undefined;
  const { item, draft } = opened;
  return { ...part, fields: await withOffers(site, request, item, { fields: part.fields, form: draft.form }) };
}

/** What the whole form's schema finds wrong on this screen. */
function problemsOf({ draft, item }: OpenDraft, part: FormPart): FormErrors {
  const parsed = item.service.form.safeParse(draft.form);
  if (parsed.success) return {};
  const issues = inputIssues(parsed.error, item.service.form);
  return Object.fromEntries(
    part.fields.flatMap(({ name }) => {
      const issue = issues.find(({ path }) => path === name || path.startsWith(`${name}.`));
      return issue ? [[name, issue.text]] : [];
    }),
  );
}

async function save(site: Site, request: PageRequest, opened: OpenDraft, part: FormPart): Promise<PageResponse> {
  const { draft, item } = opened;
  const read = readPart(item.service, part.fields, request.fields);
  const saved = await saveDraft(site.kernel, request.act({ purpose: "own-affairs" }), draft.id, read.form);
  if (isRefusal(saved)) return refused(site, request, saved, screenHref(draft.id, pageNumber(request)));
  if (fieldOf(request.fields, "then") === "later") return { kind: "redirect", to: "/my" };
  const errors = { ...problemsOf({ ...opened, draft: saved }, part), ...read.errors };
  if (Object.keys(errors).length > 0) return screen(site, request, opened, { part, values: read.values, errors });
  const back = fieldOf(request.fields, "back") === "review";
  const next = back ? "review" : screenAfter(opened, pageNumber(request));
  return { kind: "redirect", to: screenHref(draft.id, next) };
}

function screen(
  site: Site,
  request: PageRequest,
  opened: OpenDraft,
  { part, values, errors }: { readonly part: FormPart; readonly values: FormValues; readonly errors: FormErrors },
): PageResponse {
  const { language } = request;
  const number = pageNumber(request);
  const back = (fieldOf(request.fields, "back") || request.query["back"]) === "review";
  const order = part.fields.filter(({ name }) => errors[name]);
  return draftScreen(site, request, opened, {
    screen: number,
    title: part.title[language],
    problems: order.flatMap(({ name, kind }) => {
      const error = errors[name];
      return error ? [{ text: error, href: kind === "date" ? `#${name}-year` : `#${name}` }] : [];
    }),
    main: html`<form action="${screenHref(opened.draft.id, number)}" method="post" novalidate>${formFields(request)}${
      back ? html`<input type="hidden" name="back" value="review">` : NOTHING
    }${renderForm(part.fields, { language, values, errors })}<div class="zt-actions">${button({ text: CONTINUE[language], preventDoubleClick: true })}${button(
      { text: LATER[language], name: "then", value: "later", classes: "govuk-button--secondary" },
    )}</div></form>`,
  });
}
