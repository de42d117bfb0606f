import { ADMINISTER } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { knownService } from "#kernel/services/application";
import { type DeadMessage, retryStopped, type StoppedNotice, stoppedWork } from "#kernel/services/stopped";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html } from "#lib/html/html";
import { text } from "#lib/language/text";
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
  const stopped = await stoppedWork(site.kernel, request.act({ purpose: "administration" }), ADMINISTER);
  if (isRefusal(stopped)) return { kind: "not-found" };
  const { notices, messages } = stopped;
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      notices.length + messages.length === 0 ? emptyState({ title: NONE[language] }) : ""
    }${notices.length === 0 ? "" : noticeTable(site, request, notices)}${
      messages.length === 0 ? "" : messageTable(site, request, messages)
    }`,
  });
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
  { kind, id, about }: { readonly kind: string; readonly id: string; readonly about: string },
): Html {
  return html`<form class="zt-inline" method="post" action="${PATH}">${formFields(request)}<input type="hidden" name="kind" value="${kind}"><input type="hidden" name="id" value="${id}"><button class="zt-link-button" type="submit">${RETRY[request.language]}<span class="govuk-visually-hidden"> ${about}</span></button></form>`;
}

async function retry(site: Site, request: PageRequest): Promise<PageResponse> {
  const kind = fieldOf(request.fields, "kind");
  const id = fieldOf(request.fields, "id");
  if (!isUuid(id) || (kind !== "notice" && kind !== "message")) return { kind: "not-found" };
  const act = request.act({ purpose: "administration" });
  const done = await retryStopped(site.kernel, act, { kind, id, duty: ADMINISTER });
  return isRefusal(done) ? { kind: "not-found" } : { kind: "redirect", to: `${PATH}?done=retry` };
}
