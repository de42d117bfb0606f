import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { decideTogether, MAX_TOGETHER } from "#kernel/services/decide-together";
import { noteListView } from "#kernel/services/list-views";
import { type TaskListItem, tasksOf } from "#kernel/services/task-lists";
import { isUuid } from "#lib/crypto/uuid";
import { html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { checkboxes } from "#ui/components/checkboxes/checkboxes";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formFields, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { applicantsOf, serviceTitle } from "../task-lists.ts";

const PATH = "/workbench/together";
const ELEMENT = "decision";
const TITLE = text("一并准予许可", "Grant several together");
const LEAD = text(
  "审查建议准予、等待决定的办件。选中的办件以您的一个签名一并准予；每件仍有自己的决定书和存证记录。不予许可、部分准予须逐件决定。",
  "Cases whose examiner proposes to grant. Those that you choose are granted under one signature of yours; each still has its own decision and ledger entry. Refusals and grants in part are decided one by one.",
);
const CASES = text("选择办件", "Choose the cases");
const GRANT = text("签名并一并准予", "Sign and grant them");
const NONE = text("没有可以一并准予的办件", "Nothing can be granted together now");
const OPEN = text("查看办件", "Open the case");
const CHOOSE = text("请选择至少一件", "Choose at least one case");
const APPLICANT = text("{item}，{applicant}", "{item}, {applicant}");

/** Several ready cases granted in one signed act. */
export function togetherPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "official",
    get: (request) => show(site, request),
    post: (request) => decide(site, request),
  });
}

/** Cases that wait for this official's decision and are proposed to be granted. */
async function readyCases(site: Site, request: PageRequest): Promise<readonly TaskListItem[]> {
  const { officialId, post } = postOf(request);
  const tasks = await tasksOf(site.kernel, request.act({ purpose: "case" }), { post, officialId, elements: [ELEMENT] });
  const views = await site.kernel.procedures.views(
    site.kernel.database,
    tasks.map(({ caseId }) => caseId),
  );
  return tasks
    .filter(({ caseId }) => views.get(caseId)?.variables["examination"] === "propose-grant")
    .slice(0, MAX_TOGETHER);
}

async function show(site: Site, request: PageRequest, problem?: Text): Promise<PageResponse> {
  const { post } = postOf(request);
  if (!post.duties.includes("licensing.decide")) return { kind: "not-found" };
  const { language } = request;
  const tasks = await readyCases(site, request);
  const applicants = applicantsOf(tasks);
  await noteListView(site.kernel, request.act({ purpose: "case" }), { list: "my-tasks", applicants });
  const choices = checkboxes({
    language,
    idPrefix: "case",
    name: "case",
    fieldset: { legend: { text: CASES[language] } },
    items: tasks.map((task) => ({
      value: `${task.caseId}~${task.taskId}`,
      text: task.number,
      hint: {
        text: html`${fill(APPLICANT, { item: serviceTitle(site, task, language), applicant: task.applicantName })[language]} · <a class="govuk-link" href="/workbench/cases/${task.caseId}/tasks/${task.taskId}">${OPEN[language]}<span class="govuk-visually-hidden"> ${task.number}</span></a>`,
      },
    })),
  });
  return workbench(site, request, {
    title: TITLE[language],
    hasErrors: problem !== undefined,
    breadcrumbs: [{ href: "/workbench", text: text("我的待办", "My tasks")[language] }, { text: TITLE[language] }],
    main: html`${problem ? problems(request, [{ text: problem, href: "#case" }]) : NOTHING}${pageHeading({
      title: TITLE[language],
      lead: LEAD[language],
    })}${
      tasks.length === 0
        ? emptyState({ title: NONE[language] })
        : html`<form class="zt-sheet" method="post" action="${PATH}" novalidate>${formFields(request)}${choices}${button({ text: GRANT[language], preventDoubleClick: true })}</form>`
    }`,
  });
}

async function decide(site: Site, request: PageRequest): Promise<PageResponse> {
  const { post } = postOf(request);
  if (!post.duties.includes("licensing.decide")) return { kind: "not-found" };
  const given = request.fields["case"];
  const chosen = (Array.isArray(given) ? given : [fieldOf(request.fields, "case")]).flatMap((one) => {
    const [caseId = "", taskId = ""] = one.split("~");
    return isUuid(caseId) && /^\d{1,9}$/.test(taskId) ? [{ caseId, taskId: Number(taskId) }] : [];
  });
  if (chosen.length === 0) return show(site, request, CHOOSE);
  const outcome = await decideTogether(site.kernel, request.act({ purpose: "case" }), {
    tasks: chosen,
    form: { outcome: "grant" },
    signer: site.signer,
    signerName: request.session?.displayName ?? "",
  });
  if (isRefusal(outcome)) return refusalPage(site, request, outcome, PATH);
  return { kind: "redirect", to: `/workbench?done=${outcome.numbers[0] ?? ""}` };
}
