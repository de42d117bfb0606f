import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { sendToCase } from "#kernel/services/case-messages";
import { html } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { warningText } from "#ui/components/warning-text/warning-text";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { formFields, portalResponse } from "../frame.ts";
import { noticeList } from "../notice-list.ts";
import { type Problem, problemSummary, refusalProblems, refused } from "../problem.ts";
import { messageHref, type OpenCase, openCase } from "./case.ts";

const ENDS = text(
  "发送后这个办件立即结束，不能恢复；您可以重新申请。",
  "This ends the case at once and cannot be undone. You can apply again.",
);
const RELATED = text("有关文书", "The notices of this case");
const SEND = text("发送", "Send");
const KEEP = text("不，返回办件", "No, back to the case");

/** What an applicant sends to a running case: a supplement, a report, a request, a withdrawal; whatever its procedure declares. */
export function caseMessagePage(site: Site): Page {
  return definePage({
    path: "/cases/:case/send/:message",
    audience: "person",
    get: async (request) => {
      const opened = await openCase(site, request);
      if ("kind" in opened) return opened;
      return declared(opened, request)
        ? screen(site, request, opened, { values: {}, errors: {} })
        : { kind: "not-found" };
    },
    post: async (request) => {
      const opened = await openCase(site, request);
      if ("kind" in opened) return opened;
      return declared(opened, request) ? send(site, request, opened) : { kind: "not-found" };
    },
  });
}

function declared({ page }: OpenCase, request: PageRequest) {
  const { messages } = page.service.procedure;
  const name = request.params["message"] ?? "";
  const message = Object.hasOwn(messages, name) ? messages[name] : undefined;
  return message?.from === "applicant" ? message : undefined;
}

async function send(site: Site, request: PageRequest, opened: OpenCase): Promise<PageResponse> {
  const message = declared(opened, request);
  const caseId = opened.page.application.caseId;
  const name = request.params["message"] ?? "";
  if (!message) return { kind: "not-found" };
  const read = parseForm(formDescriptors(message.form), request.fields);
  if (Object.keys(read.errors).length > 0) return screen(site, request, opened, read);
  const sent = await sendToCase(site.kernel, request.act({ purpose: "own-affairs", caseId }), {
    caseId,
    message: name,
    form: read.input,
  });
  if (!isRefusal(sent)) return { kind: "redirect", to: `/cases/${caseId}` };
  if (sent.code === "form-wrong") {
    const problems = refusalProblems(sent, (path) => `#${path}`);
    return screen(site, request, opened, { ...read, problems });
  }
  return refused(site, request, sent, `/cases/${caseId}`);
}

function screen(
  site: Site,
  request: PageRequest,
  opened: OpenCase,
  entered: { readonly values: FormValues; readonly errors: FormErrors; readonly problems?: readonly Problem[] },
): PageResponse {
  const { language } = request;
  const message = declared(opened, request);
  if (!message) return { kind: "not-found" };
  const { application } = opened.page;
  const fields = formDescriptors(message.form);
  const problems =
    entered.problems ??
    Object.entries(entered.errors).map(([name, words]: [string, Text]) => ({ text: words, href: `#${name}` }));
  const back = `/cases/${application.caseId}`;
  return portalResponse(site, request, {
    title: message.title[language],
    backHref: back,
    hasErrors: problems.length > 0,
    main: html`<div class="zt-prose">${problemSummary(language, problems)}<p class="zt-heading__caption">${opened.page.service.title[language]} · ${application.number}</p><h1>${message.title[language]}</h1>${
      message.ends === undefined
        ? html`<h2>${RELATED[language]}</h2>${noticeList(opened.page, language)}`
        : warningText({ language, text: ENDS[language] })
    }<form action="${messageHref(application.caseId, request.params["message"] ?? "")}" method="post" novalidate>${formFields(request)}${renderForm(fields, { language, values: entered.values, errors: entered.errors })}<div class="zt-actions">${button(
      {
        text: message.ends === undefined ? SEND[language] : message.title[language],
        preventDoubleClick: true,
        classes: message.ends === undefined ? undefined : "govuk-button--warning",
      },
    )}${button({ text: KEEP[language], href: back, classes: "govuk-button--secondary" })}</div></form></div>`,
  });
}
