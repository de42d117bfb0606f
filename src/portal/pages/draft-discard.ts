import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { discardDraft } from "#kernel/services/discard-draft";
import { readDraft } from "#kernel/services/drafts";
import { isUuid } from "#lib/crypto/uuid";
import { html } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { warningText } from "#ui/components/warning-text/warning-text";
import { formatInstant } from "#ui/format";
import { formFields, portalResponse } from "../frame.ts";
import { refused } from "../problem.ts";
import { applicantName, screenHref, withItem } from "./draft.ts";

const TITLE = text("放弃这份草稿？", "Discard this draft?");
const SAVED = text("{at} 保存，已上传 {count} 份文件", "Saved {at}; files uploaded: {count}");
const WHAT = text(
  "您填写的内容和上传的文件会被删除，不能恢复。这份草稿还没有提交，放弃不影响您以后再申请。",
  "What you entered and uploaded is deleted and cannot be had again. It was not submitted: you can apply anew at any time.",
);
const RECORD = text(
  "为这份草稿查询过您的登记信息，这些查询记录仍保留在“谁查过我的数据”中。",
  "That the registers were asked for it stays on the record under “Who looked at my data”.",
);
const DISCARD = text("放弃并删除", "Discard and delete");
const KEEP = text("保留，继续填写", "Keep it and go on");

/** Asks before a draft is thrown away. Who began it may do so, in whatever name they act now. */
export function discardDraftPage(site: Site): Page {
  return definePage({
    path: "/drafts/:draft/discard",
    audience: "person",
    get: (request) => ask(site, request),
    post: async (request) => {
      const draftId = request.params["draft"] ?? "";
      if (!isUuid(draftId)) return { kind: "not-found" };
      const answer = await discardDraft(site.kernel, request.act({ purpose: "own-affairs" }), draftId);
      // Sent twice, or submitted meanwhile: the list shows how it stands.
      const discarded = isRefusal(answer) ? "" : "?discarded=1";
      return { kind: "redirect", to: `/my/cases${discarded}` };
    },
  });
}

async function ask(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const id = request.params["draft"] ?? "";
  if (!isUuid(id)) return { kind: "not-found" };
  const draft = await readDraft(site.kernel, site.kernel.database, request.act({ purpose: "own-affairs" }), id);
  if (isRefusal(draft)) return refused(site, request, draft);
  const { item } = withItem(site, draft);
  const at = formatInstant(Temporal.Instant.from(draft.updatedAt), language);
  return portalResponse(site, request, {
    title: TITLE[language],
    backHref: screenHref(draft.id, "facts"),
    main: html`${pageHeading({
      caption: `${item.service.title[language]} · ${applicantName(draft)}`,
      title: TITLE[language],
      meta: fill(SAVED, { at, count: draft.materials.length })[language],
    })}${warningText({ language, text: WHAT[language] })}<p class="govuk-hint">${RECORD[language]}</p><form action="/drafts/${draft.id}/discard" method="post">${formFields(request)}<div class="zt-actions">${button(
      { text: DISCARD[language], classes: "govuk-button--warning", preventDoubleClick: true },
    )}${button({ text: KEEP[language], href: `/drafts/${draft.id}`, classes: "govuk-button--secondary" })}</div></form>`,
  });
}
