import { REQUEST } from "#infrastructure/catalogue";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formatInstant } from "#ui/format";
import { doneBanner, formFields, holds, refusalPage, workbench } from "../frame.ts";
import { catalogueDoors, placeNote, sharingPath } from "../sharing/place.ts";
import { recordTable } from "../table.ts";
import { SHARING_PATH } from "./sharing.ts";

const PATH = `${SHARING_PATH}/notices`;
const SHARING = text("数据共享", "Data sharing");
const TITLE = text("更正通知", "Notices of corrections");
const LEAD = text(
  "提供部门更正了本机关使用过的数据。请核对据此办理的事项。",
  "A provider corrected data that your authority has used. Please look again at what you did with them.",
);
const HEAD = [
  text("校核", "Correction"),
  text("资源和信息项", "Resource and attributes"),
  text("所涉对象", "About whom"),
  text("说明", "Words"),
  text("签收", "Acknowledged"),
];
const NONE = text("没有更正通知", "There are no notices");
const TAKE = text("签收", "Acknowledge");

/** What was corrected after one had used it. */
export function sharingNoticesPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "official",
    get: (request) => list(site, request),
    post: (request) => acknowledge(site, request),
  });
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, REQUEST)) return { kind: "not-found" };
  const { language } = request;
  const found = await catalogueDoors(request).correctionNotices({});
  if (isRefusal(found)) return refusalPage(site, request, found, sharingPath(request));
  const rows = found.items.map((one) => [
    html`<a class="govuk-link" href="${sharingPath(request)}/${String(one.grant)}">${String(one.correction)}</a>`,
    html`<code>${one.resource}</code> ${one.attributes.join("、")}`,
    one.subject ? `${one.subject.kind} ${one.subject.id}` : "—",
    one.words,
    one.readAt
      ? formatInstant(Temporal.Instant.from(one.readAt), language)
      : html`<form action="${sharingPath(request)}/notices" method="post">${formFields(request)}<input type="hidden" name="id" value="${String(one.id)}">${button({ text: TAKE[language], classes: "govuk-button--secondary" })}</form>`,
  ]);
  return workbench(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ href: sharingPath(request), text: SHARING[language] }, { text: TITLE[language] }],
    main: html`${doneBanner(request)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${placeNote(site, request)}${
      rows.length === 0
        ? emptyState({ title: NONE[language] })
        : recordTable({ caption: TITLE[language], head: HEAD.map((name) => name[language]), rows })
    }`,
  });
}

async function acknowledge(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, REQUEST)) return { kind: "not-found" };
  const id = Number(fieldOf(request.fields, "id"));
  const outcome = await catalogueDoors(request).acknowledgeNotice({ id });
  if (isRefusal(outcome)) return refusalPage(site, request, outcome, `${sharingPath(request)}/notices`);
  return { kind: "redirect", to: `${sharingPath(request)}/notices?done=acknowledged` };
}
