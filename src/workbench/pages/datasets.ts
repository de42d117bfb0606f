import { datasets, PUBLISH, RECEIVE } from "#infrastructure/datasets";
import { citationText } from "#kernel/contract/citation";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { civilDay } from "#lib/calendar/civil-day";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { tag } from "#ui/components/tag/tag";
import { formatInstant } from "#ui/format";
import { COPY_STATES, SET_STATES, TROUBLES, tagOf } from "../datasets-words.ts";
import { doneBanner, formFields, holds, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";
import { SHARING_PATH } from "./sharing.ts";

export const DATASETS_PATH = "/workbench/datasets";
export const DATASETS_TITLE = text("数据集", "Data sets");
const LEAD = text(
  "本节点的登记簿，其他节点凭数据目录中的共享授权，或依法逐级汇聚、回流的约定，可保存副本；副本以来源方为准，不能在本地改动。每次传送，双方都记入存证日志。",
  "Other nodes keep copies of this node's registers by a grant of the catalogue, or, above and below, by an agreement that cites its law. A copy says what its source says and is changed nowhere else. Both ledgers tell of each transfer.",
);
const PUBLISHED = text("本节点提供", "Given by this node");
const COPIES = text("本节点的副本", "Copies on this node");
const NONE = text("暂无", "None yet");
const DO = {
  publish: text("发布数据集", "Publish a data set"),
  offer: text("依法向上下级提供", "Give one by law"),
  "subscribe-by-grant": text("凭授权建立副本", "Have a copy kept by a grant"),
  subscribe: text("依法汇聚或回流", "Have a copy kept by law"),
} as const;
const SET = text("数据集", "Data set");
const STATE = text("状态", "State");
const ENTRIES = text("条数", "Versions");
const POSITION = text("变更序号", "Position");
const RECEIVERS = text("提供给", "Given to");
const SOURCE = text("来源", "Source");
const LAG = text("落后", "Behind");
const HEARD = text("最近同步", "Last heard");
const RECONCILED = text("最近核对", "Last reconciled");
const ACTION = text("操作", "Action");
const WAITING = text("待编号 {count}", "{count} without a position");
const BEHIND = text("落后 {count} 项变更", "{count} changes behind");
const NEVER_ASKED = text("尚未来取", "did not ask yet");
const BY_GRANT = text("授权第{number}号", "grant {number}");
const BARRED = text("不得使用", "Not to be used");
const AWAITED = text(
  "已授权其他节点、尚未发布的登记簿：发布后数据才能提供。",
  "Registers that were granted to other nodes and are not published yet: their data flow once they are.",
);
const SEPARATOR = { zh: "；", en: "; " } as const;
const UNTIL = text("至 {day}", "until {day}");
const ALL = text("全部区划", "all divisions");
const SCOPE = text("区划 {division}…", "divisions {division}…");
const FOUND_SAME = text("一致", "the same");
const FOUND = text("补回 {missing} 条，清除 {surplus} 条", "{missing} brought back, {surplus} taken out");
const NOT_YET = text("未曾", "never");
const CHANGES = text("{count} 项变更", "{count} changes");
const CONFLICTS = text("冲突 {count} 次", "{count} conflicts");
const ACTIONS = {
  reconcile: text("核对", "Reconcile"),
  thorough: text("逐条核对", "Check each version"),
  end: text("终止并清除", "End and erase"),
  "end-offer": text("终止", "End"),
  recount: text("重新汇总", "Sum up anew"),
} as const;

/** What this node gives and what it has of others: counts, lag, last reconciliation. */
export function datasetsPage(site: Site): Page {
  return definePage({
    path: DATASETS_PATH,
    audience: "official",
    get: (request) => list(site, request),
    post: (request) => change(site, request),
  });
}

type Publication = Output<(typeof datasets)["operations"]["listPublications"]["output"]>["items"][number];
type Awaited = Output<(typeof datasets)["operations"]["listPublications"]["output"]>["awaited"][number];
type Copy = Output<(typeof datasets)["operations"]["listCopies"]["output"]>["items"][number];

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const [gives, receives] = [holds(request, PUBLISH), holds(request, RECEIVE)];
  if (!gives && !receives) return { kind: "not-found" };
  const { language } = request;
  const doors = request.front(datasets, { purpose: "administration" });
  const [published, copies] = [
    gives ? await doors.listPublications({}) : undefined,
    receives ? await doors.listCopies({}) : undefined,
  ];
  if (isRefusal(published)) return refusalPage(site, request, published);
  if (isRefusal(copies)) return refusalPage(site, request, copies);
  return workbench(site, request, {
    title: DATASETS_TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: DATASETS_TITLE[language], lead: LEAD[language] })}${
      published
        ? section(request, PUBLISHED, {
            head: [SET, STATE, ENTRIES, POSITION, RECEIVERS, ACTION],
            rows: published.items.map((one) => publicationRow(request, one)),
            actions: ["publish", "offer"],
            notice: awaitedNotice(request, published.awaited),
          })
        : NOTHING
    }${
      copies
        ? section(request, COPIES, {
            head: [SET, SOURCE, STATE, ENTRIES, LAG, HEARD, RECONCILED, ACTION],
            rows: copies.items.map((one) => copyRow(request, one)),
            actions: ["subscribe-by-grant", "subscribe"],
          })
        : NOTHING
    }`,
  });
}

function section(
  request: PageRequest,
  title: Text,
  table: {
    readonly head: readonly Text[];
    readonly rows: readonly (readonly (Html | string)[])[];
    readonly actions: readonly (keyof typeof DO)[];
    readonly notice?: Html;
  },
): Html {
  const { language } = request;
  const body =
    table.rows.length === 0
      ? emptyState({ title: NONE[language] })
      : recordTable({ caption: title[language], head: table.head.map((one) => one[language]), rows: table.rows });
  const actions = table.actions.map((action, at) =>
    button({
      text: DO[action][language],
      href: `${DATASETS_PATH}/${action}`,
      ...(at > 0 && { classes: "govuk-button--secondary" }),
    }),
  );
  return html`<h2 class="govuk-heading-m">${title[language]}</h2>${table.notice ?? NOTHING}${body}<div class="zt-actions">${actions}</div>`;
}

function publicationRow(request: PageRequest, one: Publication) {
  const { language } = request;
  const waiting = one.waiting === 0 ? "" : fill(WAITING, { count: one.waiting })[language];
  return [
    html`${one.title[language]}<br><code>${one.register}</code>`,
    tag({ text: SET_STATES[one.state]?.[language] ?? one.state, classes: tagOf(one.state) }),
    String(one.entries),
    html`${one.position}${waiting === "" ? NOTHING : html`<br><span class="zt-opinion__by">${waiting}</span>`}`,
    html`${one.offers.map((offer) => offerLine(request, one, offer))}${one.followers.map((each) => followerLine(request, one, each))}`,
    form(request, "recount", { register: one.register }),
  ];
}

function offerLine(request: PageRequest, one: Publication, offer: Publication["offers"][number]): Html {
  const { language } = request;
  const scope = offer.division === "" ? ALL : fill(SCOPE, { division: offer.division });
  const behind =
    offer.acknowledged === undefined
      ? NEVER_ASKED
      : fill(BEHIND, { count: Math.max(0, one.position - offer.acknowledged) });
  const law = offer.basis.map((one) => citationText(one));
  const said = [...law, scope, fill(UNTIL, { day: offer.endsOn }), behind]
    .map((each) => each[language])
    .join(SEPARATOR[language]);
  return html`<p><code>${offer.node}</code> ${form(request, "end-offer", { register: one.register, node: offer.node })}<br><span class="zt-opinion__by">${said}</span></p>`;
}

/** By a grant: where to see it, how far the node is, or why it gets nothing. */
function followerLine({ language }: PageRequest, one: Publication, each: Publication["followers"][number]): Html {
  const grant = fill(BY_GRANT, { number: each.grant })[language];
  const behind =
    each.acknowledged === undefined
      ? NEVER_ASKED
      : fill(BEHIND, { count: Math.max(0, one.position - each.acknowledged) });
  const said = each.refused === undefined ? behind : (TROUBLES[each.refused] ?? text(each.refused, each.refused));
  return html`<p><code>${each.node}</code> <a class="govuk-link" href="${SHARING_PATH}/${each.grant}">${grant}</a><br><span class="zt-opinion__by">${said[language]}</span></p>`;
}

function awaitedNotice({ language }: PageRequest, awaited: readonly Awaited[]): Html {
  if (awaited.length === 0) return NOTHING;
  return insetText({
    text: html`<p>${AWAITED[language]}</p><ul class="govuk-list govuk-list--bullet">${awaited.map(
      ({ title, node, grant }) =>
        html`<li>${title[language]} → <code>${node}</code>: <a class="govuk-link" href="${SHARING_PATH}/${grant}">${fill(BY_GRANT, { number: grant })[language]}</a></li>`,
    )}</ul>`,
  });
}

function copyRow(request: PageRequest, one: Copy) {
  const { language } = request;
  const at = (instant: string | undefined) =>
    instant === undefined ? NOT_YET[language] : formatInstant(Temporal.Instant.from(instant), language, { year: true });
  const scope = one.division === "" ? ALL : fill(SCOPE, { division: one.division });
  const why = one.trouble ?? one.barred;
  const trouble = why === undefined ? undefined : (TROUBLES[why]?.[language] ?? why);
  const ground =
    one.grant &&
    html`<br>${fill(BY_GRANT, { number: one.grant.number })[language]}${
      one.grant.until === undefined
        ? NOTHING
        : html`<br><span class="zt-opinion__by">${fill(UNTIL, { day: lastDayOf(one.grant.until) })[language]}</span>`
    }`;
  const id = { id: String(one.id) };
  return [
    html`${one.title ? html`${one.title[language]}<br>` : NOTHING}<code>${one.register}</code>`,
    html`${one.steward ? html`${one.steward[language]}<br>` : NOTHING}<code>${one.node}</code><br><span class="zt-opinion__by">${scope[language]}</span>${ground ?? NOTHING}`,
    html`${tag(stateTag(one, language))}${trouble === undefined ? NOTHING : html`<br>${trouble}`}`,
    String(one.entries),
    one.behind === undefined ? "" : fill(CHANGES, { count: one.behind })[language],
    at(one.heardAt),
    html`${at(one.reconciledAt)}<br><span class="zt-opinion__by">${reconciledWords(one)[language]}</span>`,
    html`${form(request, "reconcile", id)}${form(request, "thorough", id)}${form(request, "end", id)}`,
  ];
}

/** The last day of what ends before an instant. */
function lastDayOf(until: string): string {
  return civilDay(Temporal.Instant.from(until).subtract({ seconds: 1 })).toString();
}

/** A copy that may not be used is not called whole. */
function stateTag({ barred, state }: Copy, language: Language) {
  if (barred !== undefined) return { text: BARRED[language], classes: "zt-tag--bad" };
  return { text: COPY_STATES[state]?.[language] ?? state, classes: tagOf(state) };
}

function reconciledWords({ reconciled, conflicts }: Copy): Text {
  if (reconciled === undefined) return text("", "");
  const same = reconciled.missing + reconciled.surplus === 0;
  const found = reconciled.problem === undefined ? undefined : TROUBLES[reconciled.problem];
  const outcome =
    found ?? (same ? FOUND_SAME : fill(FOUND, { missing: reconciled.missing, surplus: reconciled.surplus }));
  if (conflicts === 0) return outcome;
  const more = fill(CONFLICTS, { count: conflicts });
  return text(`${outcome.zh}；${more.zh}`, `${outcome.en}; ${more.en}`);
}

function form(request: PageRequest, action: keyof typeof ACTIONS, values: Readonly<Record<string, string>>): Html {
  const { language } = request;
  const hidden = Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const about = Object.values(values).join(" ");
  return html`<form class="zt-inline" action="${DATASETS_PATH}" method="post">${formFields(request)}${hidden}<button class="zt-link-button" type="submit" name="do" value="${action}">${ACTIONS[action][language]}<span class="govuk-visually-hidden"> ${about}</span></button></form> `;
}

async function change(site: Site, request: PageRequest): Promise<PageResponse> {
  const [action, register, node] = ["do", "register", "node"].map((name) => fieldOf(request.fields, name));
  const id = Number(fieldOf(request.fields, "id"));
  const doors = request.front(datasets, { purpose: "administration" });
  const outcome = await (() => {
    switch (action) {
      case "reconcile":
        return doors.reconcileCopy({ id });
      case "thorough":
        return doors.reconcileCopy({ id, thorough: true });
      case "end":
        return doors.endCopy({ id });
      case "end-offer":
        return doors.endOffer({ register: register ?? "", node: node ?? "" });
      case "recount":
        return doors.recount({ register: register ?? "" });
      default:
        return Promise.resolve(undefined);
    }
  })();
  if (outcome === undefined) return { kind: "not-found" };
  return isRefusal(outcome)
    ? refusalPage(site, request, outcome, DATASETS_PATH)
    : { kind: "redirect", to: `${DATASETS_PATH}?done=1` };
}
