import { KIND_WORDS, READ, REQUEST, STATE_WORDS } from "#infrastructure/catalogue";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { tag } from "#ui/components/tag/tag";
import { formatDate, formatInstant } from "#ui/format";
import { doneBanner, holds, refusalPage, workbench } from "../frame.ts";
import { catalogueDoors, cataloguePath, nodeName, pathAt, placeNote, sharingPath } from "../sharing/place.ts";
import { authorityNames } from "../sharing/words.ts";
import { filterLinks, hrefWith, recordTable } from "../table.ts";

export const SHARING_PATH = "/workbench/sharing";
const TITLE = text("数据共享", "Data sharing");
const LEAD = text(
  "向其他机关申请数据、答复申请、管理授权，以及校核和争议。期限届满未办的，报共享主管部门。",
  "Requests to other authorities and their answers, grants, corrections and disputes. What is not done in time is told to the authority in charge.",
);
const HEAD = [
  text("编号", "Number"),
  text("资源", "Resource"),
  text("需求部门 → 提供部门", "Consumer → provider"),
  text("状态", "State"),
  text("期限", "Clock"),
];
const MINE = text("待我办理", "Mine to do");
const ALL = text("全部", "All");
const FILTER = text("筛选", "Filter");
const NONE = text("没有待办的共享事项", "Nothing waits for you");
const EMPTY = text("还没有共享事项", "Nothing has been asked yet");
const NEXT = text("更早", "Earlier");
const NOTICES = text("更正通知", "Notices of corrections");
const CATALOGUE = text("查目录，申请数据", "Look into the catalogue, and ask");
const ASKED = text("在其他节点提出的申请", "Asked at other nodes");
const ASKED_LEAD = text(
  "申请在保有资源的节点办理；点开即可查看进度、补正或撤回。那里待您办理的事项和更正通知，从节点名进入。",
  "A request is dealt with at the node that keeps the resource; open it to see how it stands, to complete it or to withdraw it. What else waits for you there, and what was corrected, is behind the node's name.",
);
const ASKED_HEAD = [text("编号", "Number"), text("资源", "Resource"), text("节点", "Node"), text("提出时间", "Asked")];
const DUE = text("{what}：{due}", "{what}: {due}");
const LATE = text("{what}：应于{due}前，已超期", "{what}: was due by {due}");
const PAUSED = text("{what}：暂停计时", "{what}: paused");

/** What is open between authorities. */
export function sharingPage(site: Site): Page {
  return definePage({ path: SHARING_PATH, audience: "official", get: (request) => list(site, request) });
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, READ)) return { kind: "not-found" };
  const { language, query } = request;
  const path = sharingPath(request);
  const all = query["show"] === "all";
  const before = Number(query["before"]);
  const found = await catalogueDoors(request).listMatters({
    ...(!all && { mine: true }),
    ...(Number.isInteger(before) && before > 0 && { before }),
  });
  if (isRefusal(found)) return refusalPage(site, request, found);
  const ids = found.items.flatMap(({ provider, consumer }) => [provider, consumer]);
  const names = await authorityNames(site, ids, language);
  const rows = found.items.map((item) => [
    html`<a class="govuk-link" href="${path}/${String(item.number)}">${KIND_WORDS[item.kind][language]} ${String(item.number)}</a>`,
    item.title[language],
    `${names.get(item.consumer)} → ${names.get(item.provider)}`,
    tag({ text: STATE_WORDS[item.state][language], classes: item.clock?.overdue ? "zt-tag--bad" : "zt-tag--quiet" }),
    clockLine(request, item.clock),
  ]);
  const filters = filterLinks(FILTER[language], [
    { href: path, text: MINE[language], current: !all },
    { href: hrefWith(path, { show: "all" }), text: ALL[language], current: all },
  ]);
  const links = html`<p><a class="govuk-link" href="${cataloguePath(request)}">${CATALOGUE[language]}</a>${
    holds(request, REQUEST) ? html` · <a class="govuk-link" href="${path}/notices">${NOTICES[language]}</a>` : NOTHING
  }</p>`;
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${placeNote(site, request)}${links}<div class="zt-filter">${filters}</div>${
      rows.length === 0
        ? emptyState({ title: (all ? EMPTY : NONE)[language] })
        : recordTable({ caption: TITLE[language], head: HEAD.map((name) => name[language]), rows })
    }${
      found.next === undefined
        ? NOTHING
        : html`<p><a class="govuk-link" href="${hrefWith(path, { show: query["show"], before: String(found.next) })}">${NEXT[language]}</a></p>`
    }${await askedElsewhere(site, request)}`,
  });
}

/** What this authority asked at other nodes: it stands there, and is opened from here. */
async function askedElsewhere(site: Site, request: PageRequest): Promise<Html> {
  if (request.params["node"] !== undefined) return NOTHING;
  const { language } = request;
  const found = await catalogueDoors(request).listAsked({});
  if (isRefusal(found) || found.items.length === 0) return NOTHING;
  return html`<section><h2>${ASKED[language]}</h2><p>${ASKED_LEAD[language]}</p>${recordTable({
    caption: ASKED[language],
    head: ASKED_HEAD.map((name) => name[language]),
    rows: found.items.map(({ node, number, title, at }) => [
      html`<a class="govuk-link" href="${pathAt(node, "sharing")}/${String(number)}">${KIND_WORDS.request[language]} ${String(number)}</a>`,
      title[language],
      html`<a class="govuk-link" href="${pathAt(node, "sharing")}">${nodeName(site, node, language)}</a>`,
      formatInstant(Temporal.Instant.from(at), language, { year: true }),
    ]),
  })}</section>`;
}

function clockLine(
  { language }: PageRequest,
  clock:
    | {
        readonly title: { readonly zh: string; readonly en: string };
        readonly dueOn: string;
        readonly overdue: boolean;
        readonly paused: boolean;
      }
    | undefined,
): string | Html {
  if (clock === undefined) return "—";
  const due = formatDate(Temporal.PlainDate.from(clock.dueOn), language);
  const words = clock.paused ? PAUSED : clock.overdue ? LATE : DUE;
  return fill(words, { what: clock.title[language], due })[language];
}
