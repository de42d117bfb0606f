import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { knownService, nameOf } from "#kernel/services/application";
import { discardDraft } from "#kernel/services/discard-draft";
import { readDraft } from "#kernel/services/drafts";
import { isUuid } from "#lib/crypto/uuid";
import { html } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { warningText } from "#ui/components/warning-text/warning-text";
import { formatInstant } from "#ui/format";
import { formFields, workbench } from "../frame.ts";
import { TITLE as COUNTER } from "./counter.ts";

const TITLE = text("放弃这份代办草稿？", "Discard this draft?");
const SAVED = text("{at} 保存，已上传 {count} 份文件", "Saved {at}; files uploaded: {count}");
const WHAT = text(
  "为当事人填写的内容和上传的扫描件会被删除，不能恢复；当事人以后可以再次申请。",
  "What you entered for them and their scans are deleted and cannot be had again. They can apply anew at any time.",
);
const RECORD = text(
  "为办理查询过的登记信息，查询记录仍保留，当事人可以看到。",
  "That the registers were asked stays on the record, where the person can see it.",
);
const DISCARD = text("放弃并删除", "Discard and delete");
const KEEP = text("保留，继续填写", "Keep it and go on");

/** Asks before what was begun at the counter is thrown away: the person left, or it was begun for someone else. */
export function counterDiscardPage(site: Site): Page {
  return definePage({
    path: "/workbench/counter/:draft/discard",
    audience: "official",
    get: (request) => ask(site, request),
    post: async (request) => {
      const draftId = request.params["draft"] ?? "";
      if (!isUuid(draftId)) return { kind: "not-found" };
      const answer = await discardDraft(site.kernel, request.act({ purpose: "case", caseId: draftId }), draftId);
      // Sent twice, or filed meanwhile: the list shows how it stands. Of another clerk's draft it tells nothing.
      return { kind: "redirect", to: `/workbench/counter${isRefusal(answer) ? "" : "?discarded=1"}` };
    },
  });
}

async function ask(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const id = request.params["draft"] ?? "";
  if (!isUuid(id)) return { kind: "not-found" };
  const act = request.act({ purpose: "case", caseId: id });
  const draft = await readDraft(site.kernel, site.kernel.database, act, id);
  if (isRefusal(draft)) return { kind: "not-found" };
  const { service } = knownService(site.kernel, draft);
  const at = formatInstant(Temporal.Instant.from(draft.updatedAt), language);
  return workbench(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ href: "/workbench/counter", text: COUNTER[language] }, { text: nameOf(draft) }],
    main: html`${pageHeading({
      caption: `${service.title[language]} · ${nameOf(draft)}`,
      title: TITLE[language],
      meta: fill(SAVED, { at, count: draft.materials.length })[language],
    })}${warningText({ language, text: WHAT[language] })}<p class="govuk-hint">${RECORD[language]}</p><form action="/workbench/counter/${id}/discard" method="post">${formFields(request)}<div class="zt-actions">${button(
      { text: DISCARD[language], classes: "govuk-button--warning", preventDoubleClick: true },
    )}${button({ text: KEEP[language], href: `/workbench/counter/${id}`, classes: "govuk-button--secondary" })}</div></form>`,
  });
}
