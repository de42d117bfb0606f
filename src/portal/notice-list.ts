import type { CasePage } from "#kernel/services/case-views";
import type { NoticeItem } from "#kernel/services/notices";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { formatInstant } from "#ui/format";

const NONE = text("还没有文书", "There are no notices yet");
const SEAL = text("分离式印章", "detached seal");
const DELIVERED = text("{at} 送达", "delivered {at}");
const OPENED = text("{at} 首次打开", "first opened {at}");
const UNOPENED = text("尚未打开", "not opened yet");
const WAITING = text("正在制作和盖章，稍后刷新", "being drawn and sealed; reload in a moment");
const UNTOLD = {
  sms: text("短信提醒未能发出", "the SMS about it could not be sent"),
  email: text("邮件提醒未能发出", "the e-mail about it could not be sent"),
} as const;
const STOPPED = text(
  "暂时无法制作，工作人员正在处理；您的权利和期限不受影响",
  "cannot be drawn at the moment; officials are dealing with it. Your rights and periods are not touched",
);

/** The notices of a case: when each was delivered and first opened, since periods run from then. */
export function noticeList({ notices, service }: Pick<CasePage, "notices" | "service">, language: Language): Html {
  if (notices.length === 0) return emptyState({ title: NONE[language] });
  return html`<ul class="zt-files">${notices.map((notice) => {
    const title = service.procedure.notices[notice.kind]?.title[language] ?? notice.kind;
    const name =
      notice.status === "delivered"
        ? html`<a class="govuk-link" href="/notices/${notice.id}">${title}</a>`
        : html`<span>${title}</span>`;
    const seal =
      notice.status === "delivered"
        ? html` · <a class="govuk-link" href="/notices/${notice.id}/seal">${SEAL[language]}<span class="govuk-visually-hidden"> ${title}</span></a>`
        : NOTHING;
    return html`<li>${name} <span class="zt-files__size">PDF${seal}</span><p>${stateOf(notice, language)}</p></li>`;
  })}</ul>`;
}

function stateOf(notice: NoticeItem, language: Language): string {
  if (notice.status === "waiting" || notice.status === "made") return WAITING[language];
  if (notice.status === "stopped") return STOPPED[language];
  const said = (at: string) => formatInstant(Temporal.Instant.from(at), language);
  const delivered = notice.deliveredAt ? fill(DELIVERED, { at: said(notice.deliveredAt) })[language] : "";
  const opened = notice.openedAt ? fill(OPENED, { at: said(notice.openedAt) })[language] : UNOPENED[language];
  const untold = notice.told.filter(({ status }) => status === "undeliverable");
  return [delivered, opened, ...untold.map(({ channel }) => UNTOLD[channel][language])].join(" · ");
}
