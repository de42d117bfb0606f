import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { knownService } from "#kernel/services/application";
import {
  type DeadMessage,
  retryStopped,
  type StoppedArchive,
  type StoppedKind,
  type StoppedNotice,
  type StuckJob,
  stoppedWork,
} from "#kernel/services/stopped";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formatInstant } from "#ui/format";
import { doneBanner, formFields, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/stopped";
const TITLE = text("待处理故障", "Stopped");
const LEAD = text(
  "自动重试无法解决、需要人处理的事项。处理好原因后再重试；每次重试都有记录。",
  "What no automatic attempt could mend. Mend the cause, then try again; each attempt is recorded.",
);
const NOTICES = text("因缺字停止的文书", "Notices stopped for a missing character");
const NOTICES_HELP = text(
  "安装含有这些字的字体（见运维手册）后重试。缺字时绝不印出空格。",
  "Install a font that has these characters, then try again. No blank is ever printed instead.",
);
const MESSAGES = text("未能送达的系统消息", "Messages between systems that were not delivered");
const MESSAGES_HELP = text(
  "确认对方系统恢复后重试；同一消息只会生效一次。",
  "Try again when the other system is back; a message takes effect once only.",
);
const JOBS = text("反复失败的后台工作", "Background work that keeps failing");
const JOBS_HELP = text(
  "按故障代码在运行日志中查找原因，处理后重试。在此之前系统也会按越来越长的间隔自动重试；有关办件停在这一步，已办的均不受影响。",
  "Look the code up in the log, mend the cause, then try again. Until then it is tried by itself at growing intervals; the case rests at this step, and nothing that was done is lost.",
);
const ARCHIVES = text("无法生成的办结档案", "Archive packages that cannot be made");
const ARCHIVES_HELP = text(
  "材料总量超过一个档案包的上限（512 MB）。请与该机关的档案管理人员商定分卷或由其另行归档；调整上限后可重试。",
  "All the material is more than one package may hold (512 MB). Agree with the authority's archivist how it is kept; after the limit was raised, try again.",
);
const NO_MORE = text("已停止自动重试", "no longer tried by itself");
const TASKS: Readonly<Record<string, Text>> = {
  "run-slot": text("办件步骤", "Step of a case"),
  "fire-timer": text("到期处理", "Timer of a case"),
  "deliver-notice": text("制作并送达文书", "Making and delivering a notice"),
  "deliver-message": text("系统消息", "Message between systems"),
  "send-outgoing": text("短信或邮件提醒", "SMS or e-mail"),
  "make-archive": text("生成办结档案", "Making an archive package"),
  "carry-on": text("恢复中断的工作", "Carrying on what was interrupted"),
  "do-later": text("稍后办理的请求", "What was asked for later"),
  "sweep-events": text("清理到期事件", "Removing events that have had their time"),
  "keep-house": text("清理到期数据", "Removing what has had its time"),
};
const JOB_HEAD = [
  text("工作", "Work"),
  text("办件", "Case"),
  text("故障代码", "Code"),
  text("已试次数", "Attempts"),
  text("下次自动重试", "Next by itself"),
  text("操作", "Action"),
];
const ARCHIVE_HEAD = [text("办件", "Case"), text("大小", "Size"), text("操作", "Action")];
const NONE = text("没有待处理的故障", "Nothing has stopped");
const RETRY = text("重试", "Try again");
const NOTICE_HEAD = [
  text("文书", "Notice"),
  text("办件", "Case"),
  text("缺少的字", "Missing"),
  text("时间", "Since"),
  text("操作", "Action"),
];
const MESSAGE_HEAD = [
  text("消息", "Message"),
  text("办件", "Case"),
  text("从", "From"),
  text("到", "To"),
  text("时间", "Since"),
  text("操作", "Action"),
];

/** What waits for whoever runs the node. */
export function stoppedPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "official",
    get: (request) => show(site, request),
    post: (request) => retry(site, request),
  });
}

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const stopped = await stoppedWork(site.kernel, request.act({ purpose: "administration" }));
  if (isRefusal(stopped)) return { kind: "not-found" };
  const { notices, messages, archives, jobs } = stopped;
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      notices.length + messages.length + archives.length + jobs.length === 0
        ? emptyState({ title: NONE[language] })
        : ""
    }${notices.length === 0 ? "" : noticeTable(site, request, notices)}${
      messages.length === 0 ? "" : messageTable(site, request, messages)
    }${jobs.length === 0 ? "" : jobTable(request, jobs)}${archives.length === 0 ? "" : archiveTable(request, archives)}`,
  });
}

function jobTable(request: PageRequest, jobs: readonly StuckJob[]): Html {
  const { language } = request;
  return html`<section class="zt-sheet"><h2>${JOBS[language]}</h2><p>${JOBS_HELP[language]}</p>${recordTable({
    caption: JOBS[language],
    head: JOB_HEAD.map((name) => name[language]),
    rows: jobs.map((job) => [
      html`${TASKS[job.task]?.[language] ?? job.task}${job.slot === undefined ? "" : html` <code>${job.slot}</code>`}`,
      job.caseNumber ?? "",
      html`<code>${job.error}</code>`,
      String(job.attempts),
      job.nextAt === undefined ? NO_MORE[language] : formatInstant(Temporal.Instant.from(job.nextAt), language),
      retryForm(request, { kind: "job", id: job.id, about: job.caseNumber ?? job.task }),
    ]),
  })}</section>`;
}

function archiveTable(request: PageRequest, archives: readonly StoppedArchive[]): Html {
  const { language } = request;
  return html`<section class="zt-sheet"><h2>${ARCHIVES[language]}</h2><p>${ARCHIVES_HELP[language]}</p>${recordTable({
    caption: ARCHIVES[language],
    head: ARCHIVE_HEAD.map((name) => name[language]),
    rows: archives.map((archive) => [
      archive.caseNumber,
      archive.problem,
      retryForm(request, { kind: "archive", id: archive.id, about: archive.caseNumber }),
    ]),
  })}</section>`;
}

function noticeTable(site: Site, request: PageRequest, notices: readonly StoppedNotice[]): Html {
  const { language } = request;
  return html`<section class="zt-sheet"><h2>${NOTICES[language]}</h2><p>${NOTICES_HELP[language]}</p>${recordTable({
    caption: NOTICES[language],
    head: NOTICE_HEAD.map((name) => name[language]),
    rows: notices.map((notice) => [
      knownService(site.kernel, notice).service.procedure.notices[notice.kind]?.title[language] ?? notice.kind,
      notice.caseNumber,
      html`<span lang="zh-CN">${notice.missingCharacters.join(" ")}</span> ${notice.missingCharacters.map(codePoint).join(" ")}`,
      formatInstant(Temporal.Instant.from(notice.issuedAt), language),
      retryForm(request, { kind: "notice", id: notice.id, about: notice.caseNumber }),
    ]),
  })}</section>`;
}

/** `U+23CB2`: how an operator looks for a font that has it. */
function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function messageTable(site: Site, request: PageRequest, messages: readonly DeadMessage[]): Html {
  const { language } = request;
  const roomTitle = (room: string) => site.kernel.systems.get(room)?.contract.title[language] ?? room;
  return html`<section class="zt-sheet"><h2>${MESSAGES[language]}</h2><p>${MESSAGES_HELP[language]}</p>${recordTable({
    caption: MESSAGES[language],
    head: MESSAGE_HEAD.map((name) => name[language]),
    rows: messages.map((one) => [
      site.kernel.systems.get(one.to)?.contract.operations[one.operation]?.title[language] ?? one.operation,
      one.caseNumber ?? "",
      roomTitle(one.from),
      roomTitle(one.to),
      formatInstant(Temporal.Instant.from(one.createdAt), language),
      retryForm(request, { kind: "message", id: one.id, about: one.caseNumber ?? one.operation }),
    ]),
  })}</section>`;
}

function retryForm(
  request: PageRequest,
  { kind, id, about }: { readonly kind: StoppedKind; readonly id: string; readonly about: string },
): Html {
  return html`<form class="zt-inline" method="post" action="${PATH}">${formFields(request)}<input type="hidden" name="kind" value="${kind}"><input type="hidden" name="id" value="${id}"><button class="zt-link-button" type="submit">${RETRY[request.language]}<span class="govuk-visually-hidden"> ${about}</span></button></form>`;
}

const KINDS: readonly StoppedKind[] = ["notice", "message", "archive", "job"];
const JOB_ID = /^\d{1,15}$/;

async function retry(site: Site, request: PageRequest): Promise<PageResponse> {
  const kind = KINDS.find((known) => known === fieldOf(request.fields, "kind"));
  const id = fieldOf(request.fields, "id");
  if (kind === undefined || !(kind === "job" ? JOB_ID.test(id) : isUuid(id))) return { kind: "not-found" };
  const act = request.act({ purpose: "administration" });
  const done = await retryStopped(site.kernel, act, { kind, id });
  return isRefusal(done) ? { kind: "not-found" } : { kind: "redirect", to: `${PATH}?done=retry` };
}
