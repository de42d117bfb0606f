import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html, NOTHING } from "#lib/html/html";
import { type Language, type Text, text } from "#lib/language/text";
import { participation, SCORES } from "#services/participation";
import { button } from "#ui/components/button/button";
import { type Fact, facts } from "#ui/components/facts/facts";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { formatDate } from "#ui/format";
import { formFields, portalResponse } from "../frame.ts";
import { problemSummary, refused } from "../problem.ts";
import { type OpenCase, openCase } from "./case.ts";

const TITLE = text("评价这次服务", "Rate this service");
const LEAD = text(
  "评价的是机关，不是某个工作人员。不满意的评价，承办机关必须核实并答复您。",
  "You rate the authority, not a person. It must look into a poor rating and answer you.",
);
const SEND = text("提交评价", "Send my rating");
const BACK = text("返回办件", "Back to the case");
const YOURS = text("您的评价", "Your rating");
const SAID = text("您说的", "What you said");
const ON = text("评价日期", "Rated on");
const ANSWER = text("机关的答复", "The authority's answer");
const WAITING = text(
  "承办机关正在核实，答复后会显示在这里。",
  "The authority is looking into it; its answer will be shown here.",
);
const NOT_CLOSED = text("办结后才能评价", "A case is rated once it is closed");
const FIELDS = formDescriptors(participation.operations.rate.input).filter(({ name }) => name !== "caseId");

/** Rating a finished case, once; afterwards, what was said and what was answered. */
export function ratingPage(site: Site): Page {
  return definePage({
    path: "/cases/:case/rating",
    audience: "person",
    get: async (request) => {
      const opened = await openCase(site, request);
      return "kind" in opened ? opened : shown(site, request, opened);
    },
    post: async (request) => {
      const opened = await openCase(site, request);
      return "kind" in opened ? opened : rate(site, request, opened);
    },
  });
}

async function shown(site: Site, request: PageRequest, opened: OpenCase): Promise<PageResponse> {
  const { application, view } = opened.page;
  const { language } = request;
  const about = { purpose: "own-affairs", caseId: application.caseId } as const;
  const rating = await request.front(participation, about).ratingOfCase({ caseId: application.caseId });
  if (isRefusal(rating)) {
    if (rating.code !== "not-found") return refused(site, request, rating as Refusal, caseHref(opened));
    return view.status === "running"
      ? notYet(site, request, opened)
      : form(site, request, opened, { values: {}, errors: {} });
  }
  const rows: Fact[] = [
    { label: YOURS[language], value: SCORES[rating.score][language] },
    ...(rating.words ? [{ label: SAID[language], value: rating.words }] : []),
    { label: ON[language], value: day(rating.ratedOn, language) },
    ...(rating.answer
      ? [
          {
            label: ANSWER[language],
            value: `${rating.answer}（${day(rating.answeredOn ?? rating.ratedOn, language)}）`,
          },
        ]
      : []),
  ];
  return page(site, request, opened, {
    main: html`${facts({ language, facts: rows })}${rating.status === "waiting" ? insetText({ text: WAITING[language] }) : NOTHING}<div class="zt-actions">${button({ text: BACK[language], href: caseHref(opened) })}</div>`,
  });
}

function notYet(site: Site, request: PageRequest, opened: OpenCase): PageResponse {
  const { language } = request;
  return page(site, request, opened, {
    main: html`${insetText({ text: NOT_CLOSED[language] })}<div class="zt-actions">${button({ text: BACK[language], href: caseHref(opened) })}</div>`,
  });
}

async function rate(site: Site, request: PageRequest, opened: OpenCase): Promise<PageResponse> {
  const { caseId } = opened.page.application;
  const read = parseForm(FIELDS, request.fields);
  if (Object.keys(read.errors).length > 0) return form(site, request, opened, read);
  const doors = request.front(participation, { purpose: "own-affairs", caseId });
  const answer = await doors.rate({ ...(read.input as { score: "1" }), caseId });
  if (isRefusal(answer) && answer.code !== "already-rated") {
    return refused(site, request, answer as Refusal, caseHref(opened));
  }
  return { kind: "redirect", to: `${caseHref(opened)}/rating` };
}

function form(
  site: Site,
  request: PageRequest,
  opened: OpenCase,
  { values, errors }: { readonly values: FormValues; readonly errors: FormErrors },
): PageResponse {
  const { language } = request;
  const problems = Object.entries(errors).map(([name, words]: [string, Text]) => ({ text: words, href: `#${name}` }));
  return page(site, request, opened, {
    hasErrors: problems.length > 0,
    main: html`${problemSummary(language, problems)}<form action="${caseHref(opened)}/rating" method="post" novalidate>${formFields(request)}${renderForm(FIELDS, { language, values, errors })}<div class="zt-actions">${button({ text: SEND[language], preventDoubleClick: true })}</div></form>`,
  });
}

function page(
  site: Site,
  request: PageRequest,
  { page: { service, application } }: OpenCase,
  content: { readonly main: ReturnType<typeof html>; readonly hasErrors?: boolean },
): PageResponse {
  const { language } = request;
  return portalResponse(site, request, {
    title: TITLE[language],
    backHref: `/cases/${application.caseId}`,
    hasErrors: content.hasErrors ?? false,
    main: html`${pageHeading({ caption: `${service.title[language]} · ${application.number}`, title: TITLE[language], lead: LEAD[language] })}${content.main}`,
  });
}

function caseHref({ page: { application } }: OpenCase): string {
  return `/cases/${application.caseId}`;
}

function day(iso: string, language: Language): string {
  return formatDate(Temporal.PlainDate.from(iso), language, { year: true });
}
