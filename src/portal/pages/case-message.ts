import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { addCaseMaterial } from "#kernel/services/case-materials";
import { sendToCase } from "#kernel/services/case-messages";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { warningText } from "#ui/components/warning-text/warning-text";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { maxUploadBytesOf } from "../files.ts";
import { formFields, portalResponse } from "../frame.ts";
import { noticeList } from "../notice-list.ts";
import { type Problem, problemSummary, refusalProblems, refused } from "../problem.ts";
import { uploadSection } from "../upload-section.ts";
import { messageHref, type OpenCase, openCase } from "./case.ts";

const ENDS = text(
  "发送后这个办件立即结束，不能恢复；您可以重新申请。",
  "This ends the case at once and cannot be undone. You can apply again.",
);
const RELATED = text("有关文书", "The notices of this case");
const SEND = text("发送", "Send");
const NO_FILE = text("请先选择文件，再点“上传”", "Choose a file first, then upload it");
const UPLOAD_FIRST = text(
  "需要新的材料，请先在这里上传；原来的仍然保留。最后写明补了什么，再发送。",
  "If new documents are needed upload them here first; the earlier ones stay. Then say what you added, and send.",
);
const KEEP = text("不，返回办件", "No, back to the case");

/** What an applicant sends to a running case: a supplement, a report, a request, a withdrawal; whatever its procedure declares. */
export function caseMessagePage(site: Site): Page {
  return definePage({
    path: "/cases/:case/send/:message",
    audience: "person",
    maxUploadBytes: maxUploadBytesOf(site.kernel),
    get: async (request) => {
      const opened = await openCase(site, request);
      if ("kind" in opened) return opened;
      const message = declared(opened, request);
      if (!message) return { kind: "not-found" };
      // A link kept from earlier: the case, which says how it stands, instead of a form that would be refused.
      const { application, view } = opened.page;
      const awaited = view.awaited.some((one) => one.message === request.params["message"]);
      if (view.status !== "running" || (message.step === "together" && !awaited))
        return { kind: "redirect", to: `/cases/${application.caseId}` };
      return screen(site, request, opened, { values: {}, errors: {} });
    },
    post: async (request) => {
      const opened = await openCase(site, request);
      if ("kind" in opened) return opened;
      if (!declared(opened, request)) return { kind: "not-found" };
      const material = fieldOf(request.fields, "material");
      return material === "" ? send(site, request, opened) : upload(site, request, opened, material);
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

/** A document that is handed in with a supplement; it belongs to the case at once. */
async function upload(site: Site, request: PageRequest, opened: OpenCase, name: string): Promise<PageResponse> {
  const { caseId } = opened.page.application;
  const [file] = request.files;
  const empty = { values: {}, errors: {} };
  if (!file) return screen(site, request, opened, { ...empty, problems: [{ text: NO_FILE, href: `#${name}` }] });
  const act = request.act({ purpose: "own-affairs", caseId });
  const added = await addCaseMaterial(site.kernel, act, { caseId, name, file, scanner: site.scanner });
  if (!isRefusal(added)) return { kind: "redirect", to: messageHref(caseId, request.params["message"] ?? "") };
  return screen(site, request, opened, { ...empty, problems: [{ text: added.text, href: `#${name}` }] });
}

/** Documents can be added while the case waits for this message. */
function uploads(request: PageRequest, { page }: OpenCase, problems: readonly Problem[]): Html {
  const { language } = request;
  const { application, service, view } = page;
  const name = request.params["message"] ?? "";
  if (!view.awaited.some(({ message }) => message === name)) return NOTHING;
  const sections = Object.entries(service.materials).map(([material, declared]) =>
    uploadSection(request, {
      action: messageHref(application.caseId, name),
      name: material,
      material: declared,
      held: application.materials.filter((one) => one.name === material),
      error: problems.find((one) => one.href === `#${material}`)?.text[language],
      removable: false,
    }),
  );
  return html`<p class="zt-section govuk-hint">${UPLOAD_FIRST[language]}</p>${sections}`;
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
    main: html`<div class="zt-prose">${problemSummary(language, problems)}${pageHeading({ caption: `${opened.page.service.title[language]} · ${application.number}`, title: message.title[language] })}${
      message.ends === undefined
        ? html`<h2>${RELATED[language]}</h2>${noticeList(opened.page, language)}${uploads(request, opened, problems)}`
        : warningText({ language, text: ENDS[language] })
    }<form class="zt-section" action="${messageHref(application.caseId, request.params["message"] ?? "")}" method="post" novalidate>${formFields(request)}${renderForm(fields, { language, values: entered.values, errors: entered.errors })}<div class="zt-actions">${button(
      {
        text: message.ends === undefined ? SEND[language] : message.title[language],
        preventDoubleClick: true,
        classes: message.ends === undefined ? undefined : "govuk-button--warning",
      },
    )}${button({ text: KEEP[language], href: back, classes: "govuk-button--secondary" })}</div></form></div>`,
  });
}
