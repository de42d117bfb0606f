import { datasets, PUBLISH, RECEIVE } from "#infrastructure/datasets";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { tag } from "#ui/components/tag/tag";
import { formatInstant } from "#ui/format";
import { COPY_STATES, SET_STATES, TROUBLES, tagOf } from "../datasets-words.ts";
import { doneBanner, formFields, holds, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

export const DATASETS_PATH = "/workbench/datasets";
export const DATASETS_TITLE = text("数据集", "Data sets");
const LEAD = text(
  "本节点的登记簿，经双方约定，可在其他节点保存副本；副本以来源方为准，不能在本地改动。每次传送，双方都记入存证日志。",
  "Other nodes may keep copies of this node's registers where both sides agreed. A copy says what its source says and is changed nowhere else. Both ledgers tell of each transfer.",
);
const PUBLISHED = text("本节点提供", "Given by this node");
const COPIES = text("本节点的副本", "Copies on this node");
const NONE = text("暂无", "None yet");
const DO = {
  publish: text("发布数据集", "Publish a data set"),
  offer: text("约定提供", "Agree to give one"),
  subscribe: text("建立副本", "Have a copy kept"),
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
          })
        : NOTHING
    }${
      copies
        ? section(request, COPIES, {
            head: [SET, SOURCE, STATE, ENTRIES, LAG, HEARD, RECONCILED, ACTION],
            rows: copies.items.map((one) => copyRow(request, one)),
            actions: ["subscribe"],
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
  return html`<h2 class="govuk-heading-m">${title[language]}</h2>${body}<div class="zt-actions">${actions}</div>`;
}

function publicationRow(request: PageRequest, one: Publication) {
  const { language } = request;
  const waiting = one.waiting === 0 ? "" : fill(WAITING, { count: one.waiting })[language];
  return [
    html`${one.title[language]}<br><code>${one.register}</code>`,
    tag({ text: SET_STATES[one.state]?.[language] ?? one.state, classes: tagOf(one.state) }),
    String(one.entries),
    html`${one.position}${waiting === "" ? NOTHING : html`<br><span class="zt-opinion__by">${waiting}</span>`}`,
    html`${one.offers.map((offer) => offerLine(request, one, offer))}`,
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
  const said = [scope, fill(UNTIL, { day: offer.endsOn }), behind]
    .map((each) => each[language])
    .join(language === "zh" ? "；" : "; ");
  return html`<p><code>${offer.node}</code> ${form(request, "end-offer", { register: one.register, node: offer.node })}<br><span class="zt-opinion__by">${said}</span></p>`;
}

function copyRow(request: PageRequest, one: Copy) {
  const { language } = request;
  const at = (instant: string | undefined) =>
    instant === undefined ? NOT_YET[language] : formatInstant(Temporal.Instant.from(instant), language, { year: true });
  const scope = one.division === "" ? ALL : fill(SCOPE, { division: one.division });
  const trouble = one.trouble === undefined ? undefined : (TROUBLES[one.trouble]?.[language] ?? one.trouble);
  const id = { id: String(one.id) };
  return [
    html`${one.title ? html`${one.title[language]}<br>` : NOTHING}<code>${one.register}</code>`,
    html`${one.steward ? html`${one.steward[language]}<br>` : NOTHING}<code>${one.node}</code><br><span class="zt-opinion__by">${scope[language]}</span>`,
    html`${tag({ text: COPY_STATES[one.state]?.[language] ?? one.state, classes: tagOf(one.state) })}${trouble === undefined ? NOTHING : html`<br>${trouble}`}`,
    String(one.entries),
    one.behind === undefined ? "" : fill(CHANGES, { count: one.behind })[language],
    at(one.heardAt),
    html`${at(one.reconciledAt)}<br><span class="zt-opinion__by">${reconciledWords(one)[language]}</span>`,
    html`${form(request, "reconcile", id)}${form(request, "thorough", id)}${form(request, "end", id)}`,
  ];
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
