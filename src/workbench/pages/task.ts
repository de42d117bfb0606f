import { directory } from "#infrastructure/directory";
import type { TaskDeclaration } from "#kernel/contract/contract";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { checkUpload } from "#kernel/files/upload";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type CasePage, caseForOfficial } from "#kernel/services/case-views";
import { completeTask, openTaskFor } from "#kernel/services/tasks";
import { attributes, html, NOTHING } from "#lib/html/html";
import { type Language, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { decision } from "#ui/components/decision/decision";
import { errorSummary } from "#ui/components/error-summary/error-summary";
import { notificationBanner } from "#ui/components/notification-banner/notification-banner";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { deadlineMark } from "#ui/components/task-table/task-table";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary, renderForm } from "#ui/form/render-form";
import {
  applicationAnswers,
  applicationFiles,
  caseClocks,
  caseHistory,
  checksOf,
  differencesOf,
  registerFacts,
  todayOf,
} from "../case-content.ts";
import { formFields, workbench } from "../frame.ts";
import { workingDaysLeft } from "./my-tasks.ts";

const MAX_PHOTOGRAPH_BYTES = 10 * 1024 * 1024;
const MAX_PHOTOGRAPHS = 10;
const PARTS = {
  answers: text("申请内容", "The application"),
  facts: text("登记信息", "What the registers say"),
  files: text("申请材料", "Documents"),
  history: text("办理经过", "What was done so far"),
};
const SUBMIT = text("签署并提交", "Sign and submit");
const BARRED = text("您现在不能办理此环节", "You cannot do this step");

/** One task: everything needed to decide, and the form, on one page. */
export function taskPage(site: Site): Page {
  return definePage({
    path: "/workbench/cases/:caseId/tasks/:taskId",
    audience: "official",
    maxUploadBytes: MAX_PHOTOGRAPH_BYTES,
    get: (request) => show(site, request, {}),
    post: (request) => submit(site, request),
  });
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly refusal?: Refusal;
}

function placeOf(request: PageRequest): { readonly caseId: string; readonly taskId: number } | undefined {
  const taskId = Number(request.params["taskId"]);
  const caseId = request.params["caseId"] ?? "";
  return /^[0-9a-f-]{36}$/.test(caseId) && Number.isSafeInteger(taskId) ? { caseId, taskId } : undefined;
}

async function show(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const place = placeOf(request);
  if (!place) return { kind: "not-found" };
  const { language } = request;
  const act = request.act({ purpose: "case", caseId: place.caseId });
  const open = await openTaskFor(site.kernel, act, place);
  if (isRefusal(open)) return open.code === "case-unknown" ? { kind: "not-found" } : refused(site, request, open);
  const page = await caseForOfficial(site.kernel, act, place.caseId);
  if (isRefusal(page)) return { kind: "not-found" };
  const names = await namesOf(site, request, page);
  const fields = formDescriptors(open.declaration.form);
  const context = { language, values: shown.values, errors: shown.errors };
  const due = open.task.dueOn === undefined ? undefined : Temporal.PlainDate.from(open.task.dueOn);
  const today = todayOf(request.now);
  const action = `/workbench/cases/${place.caseId}/tasks/${place.taskId}`;
  const upload = fields.some((field) => field.kind === "file");
  const form = html`<h2>${open.task.title[language]}</h2>${
    due ? html`<p>${deadlineMark({ on: due, daysLeft: workingDaysLeft(today, due) }, language)}</p>` : NOTHING
  }<form${attributes({
    action,
    method: "post",
    enctype: upload ? "multipart/form-data" : undefined,
    novalidate: true,
  })}>${formFields(request)}${renderForm(fields, context)}${button({ text: SUBMIT[language], preventDoubleClick: true })}</form>`;
  const applicant = page.application.facts.find((fact) => fact.id === "applicantName")?.value ?? "";
  return workbench(site, request, {
    title: `${open.task.title[language]} ${page.application.number}`,
    hasErrors: shown.errors !== undefined || shown.refusal !== undefined,
    breadcrumbs: [
      { href: "/workbench", text: text("我的待办", "My tasks")[language] },
      { text: page.application.number },
    ],
    main: html`${shown.refusal && !shown.errors ? errorSummary({ title: shown.refusal.text[language], errorList: [] }) : NOTHING}${formErrorSummary(fields, context)}${decision(
      {
        language,
        heading: pageHeading({
          title: page.service.title[language],
          caption: open.task.title[language],
          meta: `${page.application.number} · ${applicant}`,
        }),
        clock: caseClocks(page, request.now, language),
        differences: differencesOf(page, language),
        checks: checksOf(page, language),
        parts: [
          { title: PARTS.answers[language], content: applicationAnswers(page, language) },
          { title: PARTS.files[language], content: applicationFiles(page, language) },
          { title: PARTS.facts[language], content: registerFacts(page, language) },
          { title: PARTS.history[language], content: caseHistory(page, names, language) },
        ],
        form,
      },
    )}`,
  });
}

function refused(site: Site, request: PageRequest, refusal: Refusal): PageResponse {
  const { language } = request;
  return workbench(site, request, {
    title: BARRED[language],
    status: 409,
    main: html`${pageHeading({ title: BARRED[language] })}<p>${refusal.text[language]}</p><p><a class="govuk-link" href="/workbench">${text("返回我的待办", "Back to my tasks")[language]}</a></p>`,
  });
}

/** The names of the officials and of the applicant in a case's history. */
export async function namesOf(site: Site, request: PageRequest, page: CasePage): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const { personId } = page.application.applicant;
  names.set(personId, text("申请人", "The applicant")[request.language]);
  const doors = request.front(directory, { purpose: "case", caseId: page.application.caseId, asNode: directory.id });
  for (const { by } of page.records) {
    if (by.kind !== "official" || names.has(by.id)) continue;
    const found = await doors.findOfficial({ id: by.id });
    names.set(by.id, isRefusal(found) ? "" : found.name);
  }
  return names;
}

async function submit(site: Site, request: PageRequest): Promise<PageResponse> {
  const place = placeOf(request);
  if (!place) return { kind: "not-found" };
  const act = request.act({ purpose: "case", caseId: place.caseId });
  const open = await openTaskFor(site.kernel, act, place);
  if (isRefusal(open)) return open.code === "case-unknown" ? { kind: "not-found" } : refused(site, request, open);
  const fields = formDescriptors(open.declaration.form);
  const parsed = parseForm(fields, request.fields);
  const files = await keepFiles(site, request, open.declaration);
  if ("error" in files) {
    return show(site, request, { values: parsed.values, errors: { ...parsed.errors, [files.field]: files.error } });
  }
  const outcome = await completeTask(site.kernel, act, { ...place, form: { ...parsed.input, ...files.kept } });
  if (!isRefusal(outcome)) {
    return { kind: "redirect", to: `/workbench/cases/${place.caseId}?done=${place.taskId}` };
  }
  if (outcome.code === "task-gone" || outcome.code === "case-closed") return refused(site, request, outcome);
  const errors = Object.fromEntries(outcome.issues.map((issue) => [issue.path.split(".")[0] ?? "", issue.text]));
  return show(site, request, {
    values: parsed.values,
    refusal: outcome,
    ...(outcome.issues.length > 0 && { errors: { ...errors, ...parsed.errors } }),
  });
}

type KeptFiles =
  | { readonly kept: Readonly<Record<string, unknown>> }
  | { readonly field: string; readonly error: Text };

/** Photographs are kept before the step that names them; they count only with it. */
async function keepFiles(site: Site, request: PageRequest, declaration: TaskDeclaration): Promise<KeptFiles> {
  const kept: Record<string, unknown[]> = {};
  const known = new Set(
    formDescriptors(declaration.form).flatMap((field) => (field.kind === "file" ? [field.name] : [])),
  );
  for (const file of request.files.filter(({ field }) => known.has(field)).slice(0, MAX_PHOTOGRAPHS)) {
    const checked = checkUpload(file, { mediaTypes: ["image/jpeg", "image/png"], maxBytes: MAX_PHOTOGRAPH_BYTES });
    const scanned = checked.problem ? undefined : await site.scanner.scan(file.bytes);
    if (checked.problem || !scanned?.clean) {
      return {
        field: file.field,
        error: text(
          `“${file.name}”不是可以接收的照片，请换一张`,
          `“${file.name}” is not a photograph that can be taken; choose another`,
        ),
      };
    }
    const stored = await site.kernel.files.put(file.bytes, { mediaType: checked.mediaType, name: file.name });
    const list = kept[file.field] ?? [];
    list.push({ digest: stored.digest, name: file.name, mediaType: stored.mediaType, bytes: stored.bytes });
    kept[file.field] = list;
  }
  return { kept };
}

/** Says on the next page that a step was done. */
export function doneBanner(language: Language): ReturnType<typeof notificationBanner> {
  return notificationBanner({
    language,
    type: "success",
    text: text("已提交并记录。", "Submitted and on the record.")[language],
  });
}
