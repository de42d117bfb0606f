import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { readApplications } from "#kernel/services/application";
import { type InboxItem, inboxOf } from "#kernel/services/case-views";
import { html } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { caseCard } from "#ui/components/case-card/case-card";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { formatInstant } from "#ui/format";
import { portalResponse } from "../frame.ts";
import { itemAt } from "../item.ts";
import { principalId } from "./apply.ts";

const MY = text("我的", "My affairs");
const TITLE = text("我的消息", "My messages");
const LEAD = text(
  "全部文书都送到这里。何时送达、何时首次打开，都有记录：救济的期限从这里起算。",
  "Every notice is delivered here. When it was delivered and first opened is on the record, since periods for remedies run from then.",
);
const NONE = text("还没有消息", "You have no messages yet");
const DELIVERED = text("{at} 送达", "Delivered {at}");
const OPENED = text("{at} 首次打开", "First opened {at}");
const UNOPENED = text("未打开", "Not opened");
const READ = text("已打开", "Opened");
const MESSAGE = text("消息", "Message");

/** Every notice that was delivered to a person, and when it was first opened. */
export function messagesPage(site: Site): Page {
  return definePage({
    path: "/my/messages",
    audience: "person",
    get: async (request) => {
      const { language } = request;
      const { kernel } = site;
      const inbox = await inboxOf(kernel, principalId(request));
      const caseIds = inbox.flatMap(({ caseId }) => (caseId === undefined ? [] : [caseId]));
      const applications = await readApplications(kernel, kernel.database, [...new Set(caseIds)]);
      const cards = inbox.map((message) => {
        const application = applications.get(message.caseId ?? "");
        const item = application && itemAt(kernel, application.room, application.service);
        const title = item?.service.procedure.notices[message.kind]?.title ?? MESSAGE;
        const about = item && application ? `${item.service.title[language]} ${application.number} · ` : "";
        return card(message, { title, about, language });
      });
      return portalResponse(site, request, {
        title: TITLE[language],
        breadcrumbs: [{ text: MY[language], href: "/my" }, { text: TITLE[language] }],
        main: html`<div class="zt-heading"><h1>${TITLE[language]}</h1><p class="zt-heading__lead">${LEAD[language]}</p></div>${
          cards.length > 0 ? html`<div class="zt-cards">${cards}</div>` : emptyState({ title: NONE[language] })
        }`,
      });
    },
  });
}

function card(
  message: InboxItem,
  { title, about, language }: { readonly title: Text; readonly about: string; readonly language: Language },
) {
  const said = (at: string) => formatInstant(Temporal.Instant.from(at), language, { year: true });
  const delivered = fill(DELIVERED, { at: said(message.sentAt) })[language];
  const opened = message.openedAt ? ` · ${fill(OPENED, { at: said(message.openedAt) })[language]}` : "";
  return caseCard({
    href: message.noticeId ? `/notices/${message.noticeId}` : `/cases/${message.caseId ?? ""}`,
    title: title[language],
    status: message.openedAt ? { text: READ[language], classes: "zt-tag--quiet" } : { text: UNOPENED[language] },
    meta: `${about}${delivered}${opened}`,
  });
}
