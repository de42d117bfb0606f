import { READ, RESOURCE_KINDS } from "#infrastructure/catalogue";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html, NOTHING } from "#lib/html/html";
import { text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { tag } from "#ui/components/tag/tag";
import { doneBanner, holds, refusalPage, workbench } from "../frame.ts";
import { catalogueDoors, cataloguePath, chosenNode, nodeChoice, pathAt, placeNote } from "../sharing/place.ts";
import { authorityNames, sharingTag } from "../sharing/words.ts";
import { filterLinks, hrefWith, recordTable } from "../table.ts";

export const CATALOGUE_PATH = "/workbench/catalogue";
const TITLE = text("政务数据目录", "Catalogue of data");
const LEAD = text(
  "资源和信息项取自各系统的契约；共享类型、更新周期和联系人由提供部门编制，经保密审查后发布。",
  "Resources and attributes come from the systems' contracts; how they are shared is the provider's, released after a review.",
);
const HEAD = [
  text("资源", "Resource"),
  text("系统", "System"),
  text("类别", "Kind"),
  text("提供部门", "Provider"),
  text("共享类型", "Sharing"),
];
const ALL = text("全部", "All");
const WAITING = text("待审查", "Waiting for review");
const UNDESCRIBED = text("未编目", "Not described");
const NONE = text("没有待审查的目录", "No entry waits for its review");
const NEXT = text("下一页", "Next page");
const FILTER = text("筛选", "Filter");

/** What data there are. */
export function cataloguePage(site: Site): Page {
  return definePage({ path: CATALOGUE_PATH, audience: "official", get: (request) => list(site, request) });
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, READ)) return { kind: "not-found" };
  const { language, query } = request;
  const chosen = chosenNode(site, request);
  if (chosen !== undefined) return { kind: "redirect", to: pathAt(chosen, "catalogue") };
  const path = cataloguePath(request);
  const waiting = query["show"] === "waiting";
  const found = await catalogueDoors(request).listResources({
    ...(waiting && { waiting }),
    ...(query["after"] && { after: query["after"] }),
  });
  if (isRefusal(found)) return refusalPage(site, request, found);
  const names = await authorityNames(
    site,
    found.items.map(({ authority }) => authority),
    language,
  );
  const rows = found.items.map((item) => [
    html`<a class="govuk-link" href="${path}/${item.id}">${item.title[language]}</a>`,
    item.roomTitle[language],
    RESOURCE_KINDS[item.kind][language],
    names.get(item.authority) ?? "",
    html`${item.sharing ? sharingTag(item.sharing, language) : tag({ text: UNDESCRIBED[language], classes: "zt-tag--quiet" })}${
      item.waiting === undefined ? NOTHING : html` ${tag({ text: WAITING[language], classes: "zt-tag--wait" })}`
    }`,
  ]);
  const filters = filterLinks(FILTER[language], [
    { href: path, text: ALL[language], current: !waiting },
    { href: hrefWith(path, { show: "waiting" }), text: WAITING[language], current: waiting },
  ]);
  const next = found.next
    ? html`<p><a class="govuk-link" href="${hrefWith(path, { show: query["show"], after: found.next })}">${NEXT[language]}</a></p>`
    : NOTHING;
  const table =
    rows.length === 0
      ? emptyState({ title: NONE[language] })
      : recordTable({ caption: TITLE[language], head: HEAD.map((name) => name[language]), rows });
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${placeNote(site, request)}${nodeChoice(site, request)}<div class="zt-filter">${filters}</div>${table}${next}`,
  });
}
