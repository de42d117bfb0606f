import { catalogue, SHARING_KINDS, UPDATE_CYCLES } from "#infrastructure/catalogue";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { details } from "#ui/components/details/details";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pagination } from "#ui/components/pagination/pagination";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { formatDate } from "#ui/format";
import { authorityName } from "../authority.ts";
import { dcatCatalogue, type PublicEntry } from "../catalogue/dcat.ts";
import { portalResponse } from "../frame.ts";
import { refused } from "../problem.ts";

const PATH = "/catalogue";
const TITLE = text("政务数据目录", "Catalogue of government data");
const LEAD = text(
  "政府部门有哪些数据，怎样在部门之间共享。一项数据只由一个部门提供；您已经交过的，不必再交。",
  "What data authorities have, and how they share them. Each datum has one source: what you gave once you need not give again.",
);
const NONE = text("还没有公布的目录", "No entry is public yet");
const MORE = text("更多", "More");
const LABELS = {
  code: text("信息资源代码", "Code"),
  provider: text("提供部门", "Provider"),
  sharing: text("共享类型", "Sharing"),
  cycle: text("更新周期", "Update cycle"),
  released: text("发布日期", "Released on"),
} as const;
const ATTRIBUTES = text("信息项", "Attributes");

const OTHER_FORM = text("以 DCAT-AP 3.0（JSON-LD）格式获取本目录", "This catalogue as DCAT-AP 3.0 (JSON-LD)");
/** Pages of the list that one document holds: more than any node describes. */
const PAGES_MAX = 200;

/** The public part of the catalogue for other catalogues: DCAT-AP 3.0 as JSON-LD. */
export function catalogueDocumentPage(site: Site): Page {
  return definePage({ path: `${PATH}.jsonld`, audience: "public", get: (request) => document(site, request) });
}

async function document(site: Site, request: PageRequest): Promise<PageResponse> {
  const doors = request.front(catalogue, { purpose: "public-information" });
  const entries: { readonly entry: PublicEntry; readonly publisher: Text }[] = [];
  let after: number | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await doors.publicEntries(after === undefined ? {} : { after });
    if (isRefusal(found)) return refused(site, request, found, PATH);
    for (const entry of found.items) entries.push({ entry, publisher: await authorityName(site, entry.authority) });
    after = found.next;
    if (after === undefined) break;
  }
  const publisher = await authorityName(site, site.kernel.authorityOf(catalogue.id));
  const body = dcatCatalogue({ publicUrl: site.publicUrl, title: TITLE, description: LEAD, publisher, entries });
  return { kind: "text", body: JSON.stringify(body, null, 2), mediaType: "application/ld+json; charset=utf-8" };
}

/** The part of the catalogue that anyone may see. */
export function cataloguePage(site: Site): Page {
  return definePage({ path: PATH, audience: "public", get: (request) => list(site, request) });
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const after = Number(request.query["after"]);
  const doors = request.front(catalogue, { purpose: "public-information" });
  const found = await doors.publicEntries(Number.isInteger(after) && after > 0 ? { after } : {});
  if (isRefusal(found)) return refused(site, request, found, PATH);
  const entries = [];
  for (const one of found.items) {
    const row = (label: keyof typeof LABELS, value: string) => ({
      key: { text: LABELS[label][language] },
      value: { text: value },
    });
    const cycle = UPDATE_CYCLES[one.updateCycle as keyof typeof UPDATE_CYCLES];
    entries.push(
      html`<section id="entry-${one.number}"><h2>${one.title[language]}</h2><p>${one.abstract[language]}</p>${summaryList(
        {
          rows: [
            row("code", one.code),
            row("provider", (await authorityName(site, one.authority))[language]),
            row("sharing", SHARING_KINDS[one.sharing][language]),
            row("cycle", cycle?.[language] ?? one.updateCycle),
            row("released", formatDate(Temporal.PlainDate.from(one.releasedOn), language)),
          ],
        },
      )}${details({
        summary: `${ATTRIBUTES[language]} (${one.attributes.length})`,
        text: html`<ul class="govuk-list govuk-list--bullet">${one.attributes.map(
          ({ title, sharing }) => html`<li>${title[language]} · ${SHARING_KINDS[sharing][language]}</li>`,
        )}</ul>`,
      })}</section>`,
    );
  }
  return portalResponse(site, request, {
    title: TITLE[language],
    indexed: true,
    main: html`<div class="zt-heading"><h1>${TITLE[language]}</h1><p class="zt-heading__lead">${LEAD[language]}</p><p class="govuk-body-s"><a class="govuk-link" href="${PATH}.jsonld">${OTHER_FORM[language]}</a></p></div><div class="zt-section">${
      entries.length > 0 ? entries : emptyState({ title: NONE[language] })
    }</div>${found.next === undefined ? NOTHING : pagination({ language, next: { href: `${PATH}?after=${found.next}`, text: MORE[language] } })}`,
  });
}
