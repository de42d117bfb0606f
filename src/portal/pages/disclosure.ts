import { fieldMeta } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { disclosure } from "#services/disclosure";
import { caseCard } from "#ui/components/case-card/case-card";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { type Fact, facts } from "#ui/components/facts/facts";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { pagination } from "#ui/components/pagination/pagination";
import { searchBox } from "#ui/components/search-box/search-box";
import { formatDate } from "#ui/format";
import { authorityName } from "../authority.ts";
import { portalResponse } from "../frame.ts";
import { optionText } from "../option-text.ts";
import { refused } from "../problem.ts";

const TITLE = text("许可决定公开", "Published licensing decisions");
const LEAD = text(
  "行政许可决定自作出之日起二十个工作日内公开（政府信息公开条例）。自然人以本人名义申请的，不公开姓名。",
  "Licensing decisions are published within 20 working days (Regulations on Open Government Information). Persons who applied in their own name are not named.",
);
const SEARCH = text("按单位名称查找", "Search by organization");
const NONE = text("没有公开的决定", "No published decisions");
const NONE_TEXT = text("换一个名称试试，名称可以只写一部分。", "Try another name; a part of it is enough.");
const UNNAMED = text("自然人（不公开姓名）", "A natural person (not named)");
const MORE = text("更多", "More");
const NUMBER = text("办件编号", "Case number");
const AUTHORITY = text("许可机关", "Authority");
const VERIFY = text("核验此证照", "Verify this licence");

/** Decisions that are open to everyone. */
export function disclosurePages(site: Site): readonly Page[] {
  return [
    definePage({ path: "/disclosure", audience: "public", get: (request) => list(site, request) }),
    definePage({ path: "/disclosure/:number", audience: "public", get: (request) => one(site, request) }),
  ];
}

const SHAPE = disclosure.registers.decision.schema.shape;

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const party = (request.query["party"] ?? "").trim().slice(0, 100);
  const after = request.query["after"];
  const doors = request.front(disclosure, { purpose: "public-information" });
  const found = await doors.listDecisions({ ...(party && { party }), ...(after && { after }) });
  if (isRefusal(found)) return refused(site, request, found, "/disclosure");
  const cards = found.items.map((decision) =>
    caseCard({
      href: `/disclosure/${encodeURIComponent(decision.caseNumber)}`,
      title: decision.party || UNNAMED[language],
      status: {
        text: decision.ended
          ? optionText(SHAPE.ended, decision.ended, language)
          : optionText(SHAPE.decision, decision.decision, language),
        classes: decision.ended || decision.decision === "refuse" ? "zt-tag--bad" : undefined,
      },
      meta: `${decision.item} · ${decision.caseNumber} · ${day(decision.decidedOn, language)}`,
    }),
  );
  const query = party ? `party=${encodeURIComponent(party)}&` : "";
  return portalResponse(site, request, {
    title: TITLE[language],
    indexed: true,
    main: html`<div class="zt-heading"><h1>${TITLE[language]}</h1><p class="zt-heading__lead">${LEAD[language]}</p></div>${searchBox({ language, action: "/disclosure", name: "party", value: party, label: SEARCH[language], placeholder: SEARCH[language] })}<div class="zt-section zt-cards">${
      cards.length > 0 ? cards : emptyState({ title: NONE[language], text: party ? NONE_TEXT[language] : undefined })
    }</div>${found.next ? pagination({ language, next: { href: `/disclosure?${query}after=${encodeURIComponent(found.next)}`, text: MORE[language] } }) : NOTHING}`,
  });
}

async function one(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const caseNumber = request.params["number"] ?? "";
  const found = await request.front(disclosure, { purpose: "public-information" }).findDecision({ caseNumber });
  if (isRefusal(found)) return found.code === "unavailable" ? refused(site, request, found) : { kind: "not-found" };
  const authority = await authorityName(site, found.authority);
  const value = (name: keyof typeof SHAPE, said: string | undefined): Fact[] =>
    said ? [{ label: labelOf(name, language), value: said }] : [];
  const date = (iso: string | undefined) => iso && day(iso, language);
  return portalResponse(site, request, {
    title: `${found.item} ${found.caseNumber}`,
    indexed: true,
    breadcrumbs: [{ text: TITLE[language], href: "/disclosure" }, { text: found.caseNumber }],
    main: html`${pageHeading({
      title: found.party || UNNAMED[language],
      caption: found.item,
      tag: { text: optionText(SHAPE.decision, found.decision, language) },
    })}${facts({
      language,
      facts: [
        { label: NUMBER[language], value: found.caseNumber },
        ...value("partyCode", found.partyCode),
        ...value("licenceNumber", found.licenceNumber),
        ...value("content", found.content),
        ...value("validFrom", date(found.validFrom)),
        ...value("validUntil", date(found.validUntil)),
        ...value("decidedOn", date(found.decidedOn)),
        ...value("publishedOn", date(found.publishedOn)),
        ...value("ended", found.ended && optionText(SHAPE.ended, found.ended, language)),
        ...value("endedOn", date(found.endedOn)),
        ...value("endedWhy", found.endedWhy),
        { label: AUTHORITY[language], value: authority[language] },
      ],
    })}${found.licenceNumber ? html`<p class="zt-section"><a class="govuk-link" href="/verify/${found.licenceNumber}">${VERIFY[language]}</a></p>` : NOTHING}`,
  });
}

function labelOf(name: keyof typeof SHAPE, language: Language): string {
  return fieldMeta(SHAPE[name])?.title[language] ?? name;
}

function day(iso: string, language: Language): string {
  return formatDate(Temporal.PlainDate.from(iso), language, { year: true });
}
