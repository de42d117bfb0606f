import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { CaseFile } from "#kernel/services/case-views";
import { previewDecision } from "#kernel/services/preview";
import { nextTaskOf } from "#kernel/services/task-lists";
import { completeTask, openTaskFor, readTask, type TaskAtHand } from "#kernel/services/tasks";
import { isUuid } from "#lib/crypto/uuid";
import { attributes, type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { type DecisionOptions, decision } from "#ui/components/decision/decision";
import { details } from "#ui/components/details/details";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { deadlineMark } from "#ui/components/task-table/task-table";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary } from "#ui/form/render-form";
import {
  applicationAnswers,
  applicationFiles,
  caseClocks,
  caseHistory,
  checksOf,
  drawnProcedure,
  earlierSteps,
  opinions,
  registerFacts,
  todayOf,
} from "../case-content.ts";
import { caseParties, PARTIES } from "../case-parties.ts";
import { differencesOf } from "../differences.ts";
import { doneBanner, formFields, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { namesOf } from "../names.ts";
import { keepPhotographs, MAX_PHOTOGRAPH_BYTES, MAX_PHOTOGRAPHS, type Photograph } from "../photographs.ts";
import { taskAside } from "../task-aside.ts";
import { taskForm } from "../task-form.ts";
import { workingDaysLeft } from "../task-lists.ts";
import { keepsParties } from "./parties.ts";

const PARTS = {
  opinions: text("此前意见", "Opinions so far"),
  answers: text("申请内容", "The application"),
  facts: text("登记信息", "What the registers say"),
  files: text("申请材料", "Documents"),
  more: text("更多", "More"),
  history: text("全部办理经过", "All that was done so far"),
  procedure: text("程序图", "The procedure, drawn"),
};
const SIGN = text("签名并提交", "Sign and submit");
const SIGNED_HINT = text(
  "提交时以您的个人密钥对以上填写内容和这句话签名，只用这一次；其后的任何改动都能被发现（电子签名法第十三条）。",
  "Your own key signs what you filled in and these words, once; any later change can be detected (Electronic Signature Law, art. 13).",
);
const SUBMIT = text("签署并提交", "Sign and submit");
const PREVIEW = text("预览文书", "Preview the notice");
const TO_FORM = text("直接填写“{step}”", "Go to the form: {step}");

/** One task: everything needed to decide, and the form, on one page. */
export function taskPages(site: Site): readonly Page[] {
  const path = "/workbench/cases/:caseId/tasks/:taskId";
  const maxUploadBytes = MAX_PHOTOGRAPHS * MAX_PHOTOGRAPH_BYTES;
  return [
    definePage({
      path,
      audience: "official",
      maxUploadBytes,
      get: (request) => show(site, request, {}),
      post: (request) => submit(site, request),
    }),
    definePage({
      path: `${path}/preview`,
      audience: "official",
      maxUploadBytes,
      // Whoever reloads a preview has no form to send: the task is where it is.
      get: async (request) => ({ kind: "redirect", to: request.path.replace(/\/preview$/, "") }),
      post: (request) => preview(site, request),
    }),
  ];
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly refusal?: Pick<Refusal, "text">;
  readonly photographs?: Readonly<Record<string, readonly Photograph[]>>;
}

export interface TaskPlace {
  readonly caseId: string;
  readonly taskId: number;
}

export function placeOf(request: PageRequest): TaskPlace | undefined {
  const { caseId = "", taskId = "" } = request.params;
  return isUuid(caseId) && /^\d{1,9}$/.test(taskId) ? { caseId, taskId: Number(taskId) } : undefined;
}

export async function show(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const place = placeOf(request);
  if (!place) return { kind: "not-found" };
  const { language } = request;
  const act = request.act({ purpose: "case", caseId: place.caseId });
  const read = await readTask(site.kernel, act, place);
  if (isRefusal(read)) return refusalPage(site, request, read);
  const { open, file: page } = read;
  const fields = formDescriptors(open.declaration.form);
  const context = { language, values: shown.values, errors: shown.errors };
  const step = open.task.title;
  return workbench(site, request, {
    title: `${step[language]} ${page.application.number}`,
    hasErrors: shown.errors !== undefined || shown.refusal !== undefined,
    breadcrumbs: [
      { href: "/workbench", text: text("我的待办", "My tasks")[language] },
      { href: `/workbench/cases/${place.caseId}`, text: page.application.number },
      { text: step[language] },
    ],
    main: html`${doneBanner(request)}${
      shown.refusal && !shown.errors ? problems(request, [shown.refusal]) : NOTHING
    }${formErrorSummary(fields, context)}${decision({
      ...(await fileOf(site, request, page, open)),
      form: html`<div id="decide">${formOf(site, request, open, shown)}${taskAside(request, page, open)}</div>`,
    })}`,
  });
}

/** What stands on the left: the file, what differs first, what others found next. */
async function fileOf(
  site: Site,
  request: PageRequest,
  page: CaseFile,
  open: TaskAtHand,
): Promise<Omit<DecisionOptions, "form">> {
  const { language } = request;
  const names = await namesOf(request, page);
  const applicant = page.application.facts.find((fact) => fact.id === "applicantName")?.value ?? "";
  const said = opinions(page, names, { language });
  const definition = await site.kernel.procedures.byDigest(site.kernel.database, page.view.digest);
  const step = open.task.title[language];
  return {
    language,
    heading: html`${pageHeading({
      title: page.service.title[language],
      caption: step,
      meta: `${page.application.number} · ${applicant}`,
    })}<p class="zt-jump"><a class="govuk-link" href="#decide">${fill(TO_FORM, { step })[language]}</a></p>`,
    clock: caseClocks(page, request.now, language),
    differences: differencesOf(page, language),
    checks: checksOf(page, language),
    parts: [
      ...earlierSteps(page, open.declaration.shows ?? [], language),
      ...(page.service.procedure.parties
        ? [
            {
              title: PARTIES[language],
              content: caseParties(page, { at: request.now, language, keeps: keepsParties(request, page) }),
            },
          ]
        : []),
      ...(String(said) === "" ? [] : [{ title: PARTS.opinions[language], content: said }]),
      { title: PARTS.answers[language], content: applicationAnswers(page, language) },
      { title: PARTS.files[language], content: applicationFiles(page, language) },
      { title: PARTS.facts[language], content: registerFacts(page, language) },
      {
        title: PARTS.more[language],
        content: html`${details({
          summary: PARTS.history[language],
          text: caseHistory(page, names, language),
        })}${details({ summary: PARTS.procedure[language], text: drawnProcedure(definition, page, language) })}`,
      },
    ],
  };
}

function formOf(site: Site, request: PageRequest, open: TaskAtHand, shown: Shown): Html {
  const { language } = request;
  const { task, declaration } = open;
  const due = task.dueOn === undefined ? undefined : Temporal.PlainDate.from(task.dueOn);
  const action = `/workbench/cases/${task.caseId}/tasks/${task.taskId}`;
  const fields = formDescriptors(declaration.form);
  const form = taskForm(site, request, declaration, {
    language,
    values: shown.values ?? proposed(open),
    errors: shown.errors,
    ...(shown.photographs && { photographs: shown.photographs }),
  });
  const look = formDescriptors(declaration.form).some(({ name }) => name === "reasons")
    ? button({
        text: PREVIEW[language],
        classes: "govuk-button--secondary",
        attributes: { formaction: `${action}/preview`, formtarget: "_blank" },
      })
    : NOTHING;
  return html`<h2>${task.title[language]}</h2>${
    due
      ? html`<p>${deadlineMark({ on: due, daysLeft: workingDaysLeft(todayOf(request.now), due) }, language)}</p>`
      : NOTHING
  }${declaration.help ? html`<p>${declaration.help[language]}</p>` : NOTHING}<form${attributes({
    action,
    method: "post",
    enctype: fields.some((field) => field.kind === "file") ? "multipart/form-data" : undefined,
    novalidate: true,
  })}>${formFields(request)}${form}${signedWords(declaration, language)}<div class="zt-actions">${button({ text: (declaration.signed ? SIGN : SUBMIT)[language], preventDoubleClick: true })}${look}</div></form>`;
}

/** What the official confirms by sending the form, where the step is signed. */
function signedWords({ signed }: TaskAtHand["declaration"], language: Language): Html {
  if (!signed) return NOTHING;
  return insetText({ text: html`<p>${signed[language]}</p><p class="govuk-hint">${SIGNED_HINT[language]}</p>` });
}

/** What the form proposes before anyone wrote in it: the defaults of its schema. */
function proposed({ declaration }: TaskAtHand): FormValues {
  const values: Record<string, string> = {};
  for (const [name, schema] of Object.entries(declaration.form.shape)) {
    const given = (schema as { safeParse(value: unknown): { data?: unknown } }).safeParse(undefined).data;
    if (typeof given === "string" || typeof given === "number") values[name] = String(given);
  }
  return values;
}

interface Typed {
  readonly open: TaskAtHand;
  readonly form: Readonly<Record<string, unknown>>;
  readonly shown: Shown;
  readonly problem?: { readonly field: string; readonly text: FormErrors[string] };
}

/** The form as it was sent, with its photographs kept. */
async function typed(site: Site, request: PageRequest, place: TaskPlace): Promise<Typed | Refusal> {
  const act = request.act({ purpose: "case", caseId: place.caseId });
  const open = await openTaskFor(site.kernel, act, place);
  if (isRefusal(open)) return open;
  const parsed = parseForm(formDescriptors(open.declaration.form), request.fields);
  const files = await keepPhotographs(site, request, open.declaration);
  return {
    open,
    form: { ...parsed.input, ...files.kept },
    shown: { values: parsed.values, errors: parsed.errors, photographs: files.kept },
    ...(files.problem && { problem: files.problem }),
  };
}

/** The form again, with all that is wrong in it. */
function again(site: Site, request: PageRequest, given: Typed, refusal?: Refusal): Promise<PageResponse> {
  const errors: Record<string, FormErrors[string]> = {};
  for (const issue of refusal?.issues ?? []) errors[issue.path.split(".")[0] ?? ""] = issue.text;
  Object.assign(errors, given.shown.errors);
  if (given.problem) errors[given.problem.field] = given.problem.text;
  const { errors: _, ...kept } = given.shown;
  return show(site, request, {
    ...kept,
    ...(refusal && { refusal }),
    ...(Object.keys(errors).length > 0 && { errors }),
  });
}

/** After these the step is somebody else's, or over: there is no form to send again. */
const OVER: ReadonlySet<string> = new Set(["task-gone", "case-closed", "task-barred"]);

async function submit(site: Site, request: PageRequest): Promise<PageResponse> {
  const place = placeOf(request);
  if (!place) return { kind: "not-found" };
  const given = await typed(site, request, place);
  if (isRefusal(given)) return refusalPage(site, request, given);
  if (given.problem) return again(site, request, given);
  const act = request.act({ purpose: "case", caseId: place.caseId });
  const outcome = await completeTask(site.kernel, act, {
    ...{ ...place, form: given.form, open: given.open },
    signing: { signer: site.signer, signerName: request.session?.displayName ?? "" },
  });
  if (!isRefusal(outcome)) return nextTask(site, request, given.open);
  if (outcome.needs) return { kind: "step-up", needs: outcome.needs };
  const over = OVER.has(outcome.code);
  return over ? refusalPage(site, request, outcome) : again(site, request, given, outcome);
}

/** Whoever finished a task goes on with the most pressing one of the same step, else with any. */
async function nextTask(site: Site, request: PageRequest, done: TaskAtHand): Promise<PageResponse> {
  const { officialId, post } = postOf(request);
  const act = request.act({ purpose: "case" });
  const next = await nextTaskOf(site.kernel, act, { officialId, post, element: done.task.element });
  const said = `done=${done.application.number}`;
  const to = next ? `/workbench/cases/${next.caseId}/tasks/${next.taskId}?${said}` : `/workbench?${said}`;
  return { kind: "redirect", to };
}

const NO_NOTICE = text("按现在的选择，此环节不发送文书。", "With what is chosen, this step sends no notice.");
const MISSING = text(
  "文书中有字体无法显示的字：{characters}。提交后将由运维人员处理，不会印出空格。",
  "No font at hand has these characters: {characters}. An operator will see to it; no blank is ever printed.",
);

async function preview(site: Site, request: PageRequest): Promise<PageResponse> {
  const place = placeOf(request);
  if (!place) return { kind: "not-found" };
  const given = await typed(site, request, place);
  if (isRefusal(given)) return refusalPage(site, request, given);
  const act = request.act({ purpose: "case", caseId: place.caseId });
  const drawn = await previewDecision(site.kernel, act, { ...place, form: given.form }, site);
  if (isRefusal(drawn)) return again(site, request, given, drawn);
  if ("pdf" in drawn) {
    return { kind: "file", bytes: drawn.pdf, mediaType: "application/pdf", name: `${drawn.kind}.pdf`, inline: true };
  }
  const words = "noNotice" in drawn ? NO_NOTICE : fill(MISSING, { characters: drawn.missingCharacters.join(" ") });
  return again(site, request, { ...given, problem: { field: "outcome", text: words } });
}
