import { identity, OPENID_SCOPES } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { html } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formatInstant } from "#ui/format";
import { formFields, portalResponse } from "../frame.ts";
import { refused } from "../problem.ts";

const PATH = "/my/systems";
const MY = text("我的", "My affairs");
const TITLE = text("同意过的系统", "Systems that you agreed to");
const LEAD = text(
  "这些系统凭您的同意取得下列信息。撤回后立即停止提供，不影响撤回之前的处理。",
  "These systems are given what is listed because you agreed. Once you withdraw that, nothing more is given; what was done before stands.",
);
const NONE = text("没有凭您同意取得信息的系统", "No system is given anything because you agreed");
const GIVEN = text("{at} 同意提供：{what}", "Agreed {at}, to: {what}");
const SUBJECT_ALONE = text("用户标识", "an identifier");
const WITHDRAW = text("撤回同意", "Withdraw consent");

/** To what one agreed, and the way to take it back (个人信息保护法 §15). */
export function systemsPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "person",
    get: (request) => list(site, request),
    post: async (request) => {
      const client = fieldOf(request.fields, "withdraw");
      if (!isUuid(client)) return { kind: "not-found" };
      const done = await request.front(identity, { purpose: "own-affairs" }).withdrawConsent({ client });
      return isRefusal(done) ? refused(site, request, done, PATH) : { kind: "redirect", to: PATH };
    },
  });
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const systems = await request.front(identity, { purpose: "own-affairs" }).myClients({});
  if (isRefusal(systems)) return refused(site, request, systems);
  const rows = systems.items.map(({ client, name, scopes, givenAt }) => {
    const what = scopes.map((scope) => OPENID_SCOPES[scope][language]);
    const words = {
      at: formatInstant(Temporal.Instant.from(givenAt), language),
      what: (what.length > 0 ? what : [SUBJECT_ALONE[language]]).join(language === "zh" ? "、" : ", "),
    };
    return html`<li><strong>${name[language]}</strong> <span>${fill(GIVEN, words)[language]}</span><form action="${PATH}" method="post">${formFields(request)}<input type="hidden" name="withdraw" value="${client}">${button({ text: WITHDRAW[language], classes: "govuk-button--secondary" })}</form></li>`;
  });
  return portalResponse(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ text: MY[language], href: "/my" }, { text: TITLE[language] }],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      rows.length === 0 ? emptyState({ title: NONE[language] }) : html`<ul class="zt-files">${rows}</ul>`
    }`,
  });
}
