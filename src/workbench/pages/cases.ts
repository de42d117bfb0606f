import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { knownService, nameOf } from "#kernel/services/application";
import { type CaseState, casesForSupervision } from "#kernel/services/oversight";
import { isUuid } from "#lib/crypto/uuid";
import { html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { pagination } from "#ui/components/pagination/pagination";
import { searchBox } from "#ui/components/search-box/search-box";
import { formatInstant } from "#ui/format";
import { absent, workbench } from "../frame.ts";
import { filterLinks, hrefWith, recordTable } from "../table.ts";

const PATH = "/workbench/cases";
const TITLE = text("办件", "Cases");
const LEAD = text(
  "供审计监督查看，只读。每次查看都会记入存证日志。",
  "For audit and supervision, read only. Each look goes into the ledger.",
);
const STATES: readonly (readonly [CaseState | undefined, ReturnType<typeof text>])[] = [
  [undefined, text("全部", "All")],
  ["running", text("办理中", "In progress")],
  ["completed", text("已办结", "Closed")],
  ["terminated", text("已终止", "Ended early")],
  ["failed", text("出错停止", "Failed")],
];
const BY_STATE = text("按状态", "By state");
const SEARCH = text("办件编号", "Case number");
const HEAD = [
  text("办件", "Case"),
  text("申请人", "Applicant"),
  text("事项", "Service"),
  text("提交", "Submitted"),
  text("状态", "State"),
];
const NONE = text("没有办件", "No cases");
const OLDER = text("更早的", "Older");

/** All cases, by state, for supervision. */
export function overseenCasesPage(site: Site): Page {
  return definePage({ path: PATH, audience: "official", get: (request) => show(site, request) });
}

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const state = STATES.find(([known]) => known !== undefined && known === request.query["state"])?.[0];
  const before = request.query["before"] ?? "";
  const act = request.act({ purpose: "supervision" });
  const found = await casesForSupervision(site.kernel, act, {
    ...(state && { state }),
    ...(isUuid(before) && { before }),
  });
  if (isRefusal(found)) return absent(found);
  const stateWords = new Map(STATES.map(([known, title]) => [known as string | undefined, title[language]]));
  const rows = found.items.map(({ application, status, outcome }) => [
    html`<a class="govuk-link" href="${PATH}/${application.caseId}">${application.number}</a>`,
    nameOf(application),
    knownService(site.kernel, application).service.title[language],
    formatInstant(Temporal.Instant.from(application.submittedAt), language, { year: true }),
    `${stateWords.get(status) ?? status}${ending(site, application, outcome, language)}`,
  ]);
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${searchBox({
      language,
      action: "/workbench/search",
      label: SEARCH[language],
      placeholder: SEARCH[language],
    })}<div class="zt-filter">${filterLinks(
      BY_STATE[language],
      STATES.map(([known, title]) => ({
        href: hrefWith(PATH, { state: known }),
        text: title[language],
        current: state === known,
      })),
    )}</div>${
      rows.length === 0
        ? emptyState({ title: NONE[language] })
        : recordTable({ caption: TITLE[language], head: HEAD.map((name) => name[language]), rows })
    }${
      found.next === undefined
        ? NOTHING
        : pagination({
            language,
            next: { href: hrefWith(PATH, { state, before: found.next }), text: OLDER[language] },
          })
    }`,
  });
}

/** How the procedure calls the end that a case came to. */
function ending(
  site: Site,
  ref: { readonly room: string; readonly service: string },
  outcome: string | undefined,
  language: Language,
): string {
  const title = site.kernel.procedures.current(ref.room, ref.service)?.elements.get(outcome ?? "")?.title[language];
  return title ? ` · ${title}` : "";
}
