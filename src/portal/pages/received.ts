import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html, join } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { panel } from "#ui/components/panel/panel";
import { receipt } from "#ui/components/receipt/receipt";
import { portalResponse } from "../frame.ts";
import { noticeList } from "../notice-list.ts";
import { ownEntries } from "../own-entries.ts";
import { openCase } from "./case.ts";

const TITLE = text("已收件", "Received");
const NUMBER = text("办件编号", "Case number");
const NOT_YET = text("收件不等于受理", "Receipt is not yet acceptance");
const NOT_YET_TEXT = text(
  "{authority}会在五个工作日内书面告知是否受理，或者一次性告知需要补正的全部内容；逾期不告知的，自收到材料之日起即为受理（行政许可法第三十二条）。",
  "{authority} tells you in writing within five working days whether it accepts, or once of everything that is missing. If it does not, the application counts as accepted from the day it was received (Licensing Law, art. 32).",
);
const NEXT = text("接下来", "What happens next");
const NOTICE = text("收件凭证", "Receipt of application");
const LEDGER = text("存证凭证", "Receipts in the ledger");
const OPEN = text("查看办件进度", "See how the case stands");

/** What one has in hand after submitting. */
export function receivedPage(site: Site): Page {
  return definePage({
    path: "/cases/:case/received",
    audience: "person",
    get: async (request) => {
      const opened = await openCase(site, request);
      if ("kind" in opened) return opened;
      const { language } = request;
      const { page, authority } = opened;
      const { application } = page;
      const chips = ownEntries(request, page.entries).map((entry) =>
        receipt({ language, index: entry.id, href: `/receipts/${entry.id}` }),
      );
      const receiptNotice = { service: page.service, notices: page.notices.filter((one) => one.kind === "receipt") };
      return portalResponse(site, request, {
        title: `${TITLE[language]} ${application.number}`,
        main: html`<div class="zt-prose">${panel({
          title: TITLE[language],
          text: html`${NUMBER[language]}<br><strong>${application.number}</strong>`,
        })}<h2>${NOT_YET[language]}</h2><p>${fill(NOT_YET_TEXT, { authority: authority[language] })[language]}</p><h2>${NOTICE[language]}</h2>${noticeList(receiptNotice, language)}<h2>${LEDGER[language]}</h2><p>${join(chips, " ")}</p><h2>${NEXT[language]}</h2><div class="zt-actions">${button(
          { text: OPEN[language], href: `/cases/${application.caseId}` },
        )}</div></div>`,
      });
    },
  });
}
