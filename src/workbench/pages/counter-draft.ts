import type { Service } from "#kernel/contract/contract";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Draft, knownService, nameOf } from "#kernel/services/application";
import { counterReceipt, filedAtCounter } from "#kernel/services/counter";
import { addMaterial, readDraft, removeMaterial, saveDraft } from "#kernel/services/drafts";
import { submitDraft } from "#kernel/services/submission";
import type { Act } from "#kernel/system/act";
import { inputIssues } from "#kernel/system/input-issues";
import { isUuid } from "#lib/crypto/uuid";
import { attributes, type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { checkboxes } from "#ui/components/checkboxes/checkboxes";
import { fileUpload } from "#ui/components/file-upload/file-upload";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { panel } from "#ui/components/panel/panel";
import { tag } from "#ui/components/tag/tag";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary, formValues, renderForm } from "#ui/form/render-form";
import { formatDate, formatSize } from "#ui/format";
import { filledIn, registerFacts, todayOf } from "../case-content.ts";
import { formFields, problems, refusalPage, workbench } from "../frame.ts";
import { TITLE } from "./counter.ts";
import { counterDiscardPage } from "./counter-discard.ts";

const MAX_UPLOAD_BYTES = 14 * 1024 * 1024;
const PARTS = {
  facts: text("登记信息", "What the registers say"),
  form: text("申请内容", "The application"),
  materials: text("申请材料", "Documents"),
  review: text("核对、签名、提交", "Check, sign, file"),
};
const CONTINUE = text("保存并继续", "Save and continue");
const UPLOAD = text("上传扫描件", "Upload the scan");
const CHOOSE = text("选择文件：{title}", "Choose a file: {title}");
const REMOVE = text("移除", "Remove");
const NO_FILE = text("请先选择文件，再上传", "Choose a file first");
const DISCARD = text("放弃草稿", "Discard the draft");
const NEEDED = text("必须提交", "Needed");

/** Filling in, adding documents, printing to be signed, filing: what a clerk does for someone at the counter. */
export function counterDraftPages(site: Site): readonly Page[] {
  const path = "/workbench/counter/:draft";
  return [
    definePage({
      path,
      audience: "official",
      get: (request) => withDraft(site, request, (draft) => form(site, request, draft, {})),
      post: (request) => withDraft(site, request, (draft) => save(site, request, draft)),
    }),
    definePage({
      path: `${path}/materials`,
      audience: "official",
      maxUploadBytes: MAX_UPLOAD_BYTES,
      get: (request) => withDraft(site, request, (draft) => materials(site, request, draft)),
      post: (request) => withDraft(site, request, (draft) => changeMaterials(site, request, draft)),
    }),
    definePage({
      path: `${path}/review`,
      audience: "official",
      get: (request) => withDraft(site, request, (draft) => review(site, request, draft, [])),
      post: (request) => submit(site, request),
    }),
    counterDiscardPage(site),
    definePage({
      path: "/workbench/counter/filed/:caseId",
      audience: "official",
      get: (request) => filed(site, request),
    }),
    definePage({
      path: "/workbench/counter/filed/:caseId/receipt",
      audience: "official",
      get: (request) => receipt(site, request),
    }),
  ];
}

function actOf(request: PageRequest): Act {
  const draft = request.params["draft"] ?? "";
  return request.act({ purpose: "case", ...(isUuid(draft) && { caseId: draft }) });
}

async function withDraft(
  site: Site,
  request: PageRequest,
  answer: (draft: Draft) => Promise<PageResponse>,
): Promise<PageResponse> {
  const id = request.params["draft"] ?? "";
  if (!isUuid(id)) return { kind: "not-found" };
  const draft = await readDraft(site.kernel, site.kernel.database, actOf(request), id);
  return isRefusal(draft) ? { kind: "not-found" } : answer(draft);
}

function page(
  site: Site,
  request: PageRequest,
  draft: Draft,
  content: { readonly title: Text; readonly main: Html; readonly hasErrors?: boolean },
): PageResponse {
  const { language } = request;
  const base = `/workbench/counter/${draft.id}`;
  const links = [
    { href: base, title: PARTS.form },
    { href: `${base}/materials`, title: PARTS.materials },
    { href: `${base}/review`, title: PARTS.review },
  ].map(
    ({ href, title }, index) =>
      html`<li><a${attributes({ href, "aria-current": request.path === href ? "page" : undefined })}>${index + 1}. ${title[language]}</a></li>`,
  );
  return workbench(site, request, {
    title: content.title[language],
    hasErrors: content.hasErrors === true,
    breadcrumbs: [{ href: "/workbench/counter", text: TITLE[language] }, { text: nameOf(draft) }],
    main: html`<nav class="zt-filter zt-screen-only" aria-label="${TITLE[language]}"><ul>${links}</ul></nav>${content.main}<p class="zt-section zt-screen-only"><a class="govuk-link" href="${base}/discard">${DISCARD[language]}</a></p>`,
  });
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
}

/** What the whole form's schema finds wrong, by field. */
function formErrors(service: Service, form: Readonly<Record<string, unknown>>): FormErrors {
  const parsed = service.form.safeParse(form);
  if (parsed.success) return {};
  const issues = inputIssues(parsed.error, service.form);
  return Object.fromEntries(issues.map((issue): [string, Text] => [issue.path.split(".")[0] ?? "", issue.text]));
}

async function form(site: Site, request: PageRequest, draft: Draft, shown: Shown): Promise<PageResponse> {
  const { language } = request;
  const { service } = knownService(site.kernel, draft);
  const fields = formDescriptors(service.form);
  const context = { language, values: shown.values ?? formValues(fields, draft.form), errors: shown.errors };
  return page(site, request, draft, {
    title: PARTS.form,
    hasErrors: shown.errors !== undefined,
    main: html`${formErrorSummary(fields, context)}${pageHeading({
      title: service.title[language],
      caption: TITLE[language],
      meta: nameOf(draft),
    })}<div class="zt-decision"><section class="zt-sheet"><h2>${PARTS.form[language]}</h2><form action="/workbench/counter/${draft.id}" method="post" novalidate>${formFields(request)}${renderForm(fields, context)}${button({ text: CONTINUE[language], preventDoubleClick: true })}</form></section><aside class="zt-sheet"><h2>${PARTS.facts[language]}</h2>${registerFacts({ application: draft, service }, language)}</aside></div>`,
  });
}

async function save(site: Site, request: PageRequest, draft: Draft): Promise<PageResponse> {
  const { service } = knownService(site.kernel, draft);
  const fields = formDescriptors(service.form);
  const parsed = parseForm(fields, request.fields);
  // Whatever was typed is kept, right or wrong; what was emptied is emptied.
  const entered = Object.fromEntries(fields.map(({ name }) => [name, parsed.input[name] ?? parsed.values[name]]));
  const saved = await saveDraft(site.kernel, actOf(request), draft.id, entered);
  if (isRefusal(saved)) return refusalPage(site, request, saved, "/workbench/counter");
  const errors = { ...formErrors(service, saved.form), ...parsed.errors };
  if (Object.keys(errors).length > 0) return form(site, request, saved, { values: parsed.values, errors });
  return { kind: "redirect", to: `/workbench/counter/${draft.id}/materials` };
}

async function materials(
  site: Site,
  request: PageRequest,
  draft: Draft,
  problem?: { readonly text: Text; readonly name: string },
): Promise<PageResponse> {
  const { language } = request;
  const { service } = knownService(site.kernel, draft);
  const sections = Object.entries(service.materials).map(([name, material]) => {
    const held = draft.materials.filter((one) => one.name === name);
    const title = material.title[language];
    const files = held.map(
      (one) =>
        html`<li>${one.fileName} <span class="zt-files__size">${formatSize(one.bytes)}</span> <form class="zt-inline" action="/workbench/counter/${draft.id}/materials" method="post">${formFields(request)}<input type="hidden" name="remove" value="${one.id}"><button class="zt-link-button" type="submit">${REMOVE[language]}<span class="govuk-visually-hidden"> ${one.fileName}</span></button></form></li>`,
    );
    const needed =
      material.required && held.length === 0 ? tag({ text: NEEDED[language], classes: "zt-tag--wait" }) : NOTHING;
    return html`<section class="zt-sheet"><h2>${title} ${needed}</h2>${files.length > 0 ? html`<ul class="zt-files">${files}</ul>` : NOTHING}<form action="/workbench/counter/${draft.id}/materials" method="post" enctype="multipart/form-data" novalidate>${formFields(request)}<input type="hidden" name="material" value="${name}">${fileUpload(
      {
        language,
        id: name,
        name: "file",
        label: { text: fill(CHOOSE, { title })[language] },
        hint: material.hint?.[language],
        errorMessage: problem?.name === name ? problem.text[language] : undefined,
        attributes: { accept: material.mediaTypes.join(","), capture: "environment" },
      },
    )}${button({ text: UPLOAD[language], classes: "govuk-button--secondary", preventDoubleClick: true })}</form></section>`;
  });
  return page(site, request, draft, {
    title: PARTS.materials,
    hasErrors: problem !== undefined,
    main: html`${problem ? problems(request, [{ text: problem.text, href: `#${problem.name}` }]) : NOTHING}${pageHeading(
      {
        title: PARTS.materials[language],
        caption: TITLE[language],
        meta: nameOf(draft),
      },
    )}${sections}<div class="zt-actions">${button({ text: PARTS.review[language], href: `/workbench/counter/${draft.id}/review` })}</div>`,
  });
}

async function changeMaterials(site: Site, request: PageRequest, draft: Draft): Promise<PageResponse> {
  const act = actOf(request);
  const here: PageResponse = { kind: "redirect", to: `/workbench/counter/${draft.id}/materials` };
  const removed = fieldOf(request.fields, "remove");
  if (isUuid(removed)) {
    await removeMaterial(site.kernel, act, draft.id, removed);
    return here;
  }
  const name = fieldOf(request.fields, "material");
  const [file] = request.files;
  if (!file) return materials(site, request, draft, { text: NO_FILE, name });
  const added = await addMaterial(site.kernel, act, { draftId: draft.id, name, file, scanner: site.scanner });
  return isRefusal(added) ? materials(site, request, draft, { text: added.text, name }) : here;
}

const SIGNED = text(
  "申请人已核对打印件并在上面签名，签名件由窗口存档",
  "The applicant checked the printed form and signed it; the counter keeps the paper",
);
const MUST_SIGN = text("请先打印，由申请人核对签名", "Print it first and have the applicant sign it");
const PRINT = text("请用浏览器的打印功能打印本页。", "Print this page with your browser.");
const DECLARATION = text(
  "以上内容由窗口人员代为填写，本人已核对，确认真实、完整。",
  "A clerk filled this in for me. I have read it, and it is true and complete.",
);
const SIGNATURE = text(
  "申请人签名：＿＿＿＿＿＿＿＿　日期：{date}",
  "Signature of the applicant: ________  Date: {date}",
);
const FILE = text("提交", "File it");

async function review(
  site: Site,
  request: PageRequest,
  draft: Draft,
  wrong: readonly { readonly text: Text; readonly href?: string }[],
): Promise<PageResponse> {
  const { language } = request;
  const { service } = knownService(site.kernel, draft);
  const files = draft.materials.map(
    (one) => html`<li>${service.materials[one.name]?.title[language]}：${one.fileName}</li>`,
  );
  const date = formatDate(todayOf(request.now), language, { year: true });
  return page(site, request, draft, {
    title: PARTS.review,
    hasErrors: wrong.length > 0,
    main: html`${problems(request, wrong)}${pageHeading({
      title: service.title[language],
      caption: PARTS.review[language],
      meta: nameOf(draft),
    })}<p class="zt-screen-only">${PRINT[language]}</p><section class="zt-sheet"><h2>${PARTS.facts[language]}</h2>${registerFacts({ application: draft, service }, language)}<h2>${PARTS.form[language]}</h2>${filledIn(service.form, draft.form, language)}<h2>${PARTS.materials[language]}</h2><ul class="govuk-list govuk-list--bullet">${files}</ul><p>${DECLARATION[language]}</p><p class="zt-signature">${fill(SIGNATURE, { date })[language]}</p></section><form class="zt-sheet zt-screen-only" action="/workbench/counter/${draft.id}/review" method="post" novalidate>${formFields(request)}${checkboxes(
      {
        language,
        idPrefix: "signed",
        name: "signed",
        errorMessage: wrong.find((one) => one.text === MUST_SIGN)?.text[language],
        items: [{ value: "yes", text: SIGNED[language] }],
      },
    )}${button({ text: FILE[language], preventDoubleClick: true })}</form>`,
  });
}

/** Where what is wrong is put right. */
function problemsOf(draft: Draft, refusal: Refusal): readonly { readonly text: Text; readonly href?: string }[] {
  const base = `/workbench/counter/${draft.id}`;
  if (refusal.issues.length === 0) return [{ text: refusal.text }];
  return refusal.issues.map((issue) => ({
    text: issue.text,
    href: issue.path.startsWith("materials.") ? `${base}/materials` : `${base}#${issue.path.split(".")[0]}`,
  }));
}

async function submit(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = request.params["draft"] ?? "";
  if (!isUuid(id)) return { kind: "not-found" };
  const act = actOf(request);
  const draft = await readDraft(site.kernel, site.kernel.database, act, id);
  if (!isRefusal(draft) && fieldOf(request.fields, "signed") !== "yes") {
    return review(site, request, draft, [{ text: MUST_SIGN, href: "#signed" }]);
  }
  // A form that was sent twice finds its draft gone; submitting answers with the case that it became.
  const done = await submitDraft(site.kernel, act, { draftId: id });
  if (!isRefusal(done)) return { kind: "redirect", to: `/workbench/counter/filed/${done.caseId}` };
  return isRefusal(draft) ? refusalPage(site, request, done) : review(site, request, draft, problemsOf(draft, done));
}

const FILED = text("已收件", "Received");
const FILED_NOTE = text(
  "收件还不是受理。是否受理将在五个工作日内书面告知申请人。",
  "Receipt is not yet acceptance; the applicant is told in writing within five working days.",
);
const PRINT_RECEIPT = text("打印收件凭证", "Print the receipt");
const NEXT = text("接待下一位", "Next person");

async function filed(site: Site, request: PageRequest): Promise<PageResponse> {
  const { caseId = "" } = request.params;
  if (!isUuid(caseId)) return { kind: "not-found" };
  const answer = await filedAtCounter(site.kernel, request.act({ purpose: "case", caseId }), caseId);
  if (isRefusal(answer)) return { kind: "not-found" };
  const { language } = request;
  const { application } = answer;
  return workbench(site, request, {
    title: FILED[language],
    breadcrumbs: [{ href: "/workbench/counter", text: TITLE[language] }, { text: application.number }],
    main: html`${panel({ title: FILED[language], text: html`${nameOf(application)}<br><strong>${application.number}</strong>` })}<p>${FILED_NOTE[language]}</p><div class="zt-actions">${button({ text: PRINT_RECEIPT[language], href: `/workbench/counter/filed/${caseId}/receipt` })}${button({ text: NEXT[language], href: "/workbench/counter", classes: "govuk-button--secondary" })}</div>`,
  });
}

async function receipt(site: Site, request: PageRequest): Promise<PageResponse> {
  const { caseId = "" } = request.params;
  if (!isUuid(caseId)) return { kind: "not-found" };
  const pdf = await counterReceipt(site.kernel, request.act({ purpose: "case", caseId }), caseId, site);
  if (!pdf) return { kind: "not-found" };
  return { kind: "file", bytes: pdf, mediaType: "application/pdf", name: "receipt.pdf", inline: true };
}
