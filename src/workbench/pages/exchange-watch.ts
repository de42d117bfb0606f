import { exchange, WATCH } from "#infrastructure/exchange";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { type MappedNode, nodeMap } from "#ui/components/node-map/node-map";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { tag } from "#ui/components/tag/tag";
import { formatInstant } from "#ui/format";
import { holds, refusalPage, workbench } from "../frame.ts";
import { whatOf } from "../ledger-words.ts";
import { recordTable } from "../table.ts";
import { endingCertificates, quotaTable, type WatchedNodes } from "./exchange-watch-clients.ts";
import { witnesses } from "./exchange-watch-witnesses.ts";

const PATH = "/workbench/exchange-watch";
const TITLE = text("交换运行", "Exchange at work");
const LEAD = text(
  "节点、链路和各契约的流量。只显示谁问了什么、结果如何，不显示内容；数字为本进程启动以来。",
  "Nodes, routes, and traffic by contract: who asked what and how it ended, never what was said. Counted since this process began.",
);
const ALONE = text(
  "本节点没有加入目录，所有业务都在本节点办理。",
  "This node belongs to no directory: it keeps every room itself.",
);
const MAP = text("节点图", "Map of nodes");
const NODES = text("节点", "Nodes");
const TRAFFIC = text("流量", "Traffic");
const NONE = text("还没有交换", "Nothing was exchanged yet");
const REFUSED = text("拒绝的来件", "Turned away");
const LOG = text("查询交换日志", "Search the log of exchanges");
const QUEUES = text("事件队列和死信", "Queues and dead letters of events");
const REFRESH_SECONDS = 15;
const AS_OF = text("截至 {at}", "As of {at}");
const GO_LIVE = text("每 15 秒自动刷新", "Refresh every 15 seconds");
const STAND_STILL = text("停止自动刷新", "Stop refreshing");
const NODE_HEAD = [
  text("节点", "Node"),
  text("区划", "Division"),
  text("承载", "Keeps"),
  text("链路", "Route"),
  text("排队／在途", "Waiting / under way"),
  text("繁忙未发出", "Not sent: busy"),
];
const TRAFFIC_HEAD = [
  text("契约", "Contract"),
  text("对方", "Peer"),
  text("方向", "Direction"),
  text("次数（近 15 分钟）", "Calls (last 15 minutes)"),
  text("未获准／失败", "Refused / failed"),
  text("耗时 p50／p95", "Time p50 / p95"),
];
const DIRECTIONS = { in: text("收到", "In"), out: text("发出", "Out") };
const STATES: Readonly<Record<MappedNode["state"], Text>> = {
  good: text("通", "Reached"),
  trying: text("正在重试", "Being tried"),
  away: text("不通", "Away"),
  unused: text("未用过", "Not used yet"),
  left: text("已退出", "Left"),
};
const TAGS: Readonly<Partial<Record<MappedNode["state"], string>>> = {
  trying: "zt-tag--wait",
  away: "zt-tag--bad",
  unused: "zt-tag--quiet",
  left: "zt-tag--quiet",
};
const SELF = text("本节点", "This node");

type Traffic = Output<(typeof exchange)["operations"]["watchTraffic"]["output"]>;

/** What whoever runs the exchange looks at. */
export function exchangeWatchPage(site: Site): Page {
  return definePage({ path: PATH, audience: "official", get: (request) => show(site, request) });
}

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, WATCH)) return { kind: "not-found" };
  const doors = request.front(exchange, { purpose: "administration" });
  const watched = await doors.watchNodes({});
  const traffic = await doors.watchTraffic({});
  const clients = await doors.watchClients({});
  if (isRefusal(watched)) return refusalPage(site, request, watched);
  if (isRefusal(traffic)) return refusalPage(site, request, traffic);
  if (isRefusal(clients)) return refusalPage(site, request, clients);
  const { language } = request;
  const isLive = request.query["live"] !== undefined;
  const page = workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${links(request, isLive)}${
      watched.self === undefined
        ? html`<p>${ALONE[language]}</p>`
        : html`<h2 class="govuk-heading-m">${MAP[language]}</h2>${nodeMap({
            label: MAP[language],
            nodes: watched.nodes.map((node) => mapped(request, watched, node)),
          })}${nodeTable(site, request, watched)}`
    }${trafficTable(site, request, watched, traffic)}${quotaTable(request, clients)}${endingCertificates(request, watched, clients)}${await witnesses(site, request, watched)}${refusals(request, watched)}`,
  });
  return isLive && page.kind === "page" ? { ...page, refreshSeconds: REFRESH_SECONDS } : page;
}

/** Nothing moves by itself before somebody asks for it (WCAG 2.2.2); then the page loads itself anew, without a script. */
function links(request: PageRequest, isLive: boolean): Html {
  const { language, now } = request;
  const at = fill(AS_OF, { at: `${formatInstant(Temporal.Instant.from(now), language)}:${now.slice(17, 19)}` })[
    language
  ];
  const other = isLive ? { href: PATH, words: STAND_STILL } : { href: `${PATH}?live`, words: GO_LIVE };
  return html`<p>${at} · <a class="govuk-link" href="${other.href}">${other.words[language]}</a> · <a class="govuk-link" href="${PATH}/log">${LOG[language]}</a> · <a class="govuk-link" href="/workbench/events">${QUEUES[language]}</a></p>`;
}

function stateOf(watched: WatchedNodes, node: WatchedNodes["nodes"][number]): MappedNode["state"] {
  if (node.state === "left") return "left";
  if (node.code === watched.self) return "good";
  if (node.route === undefined) return "unused";
  return { closed: "good", open: "away", trying: "trying" }[node.route.circuit] as MappedNode["state"];
}

function mapped({ language }: PageRequest, watched: WatchedNodes, node: WatchedNodes["nodes"][number]): MappedNode {
  const isSelf = node.code === watched.self;
  const state = stateOf(watched, node);
  const note = `${node.division} ${(isSelf ? SELF : STATES[state])[language]}`;
  return { code: node.code, name: node.name[language], note, above: node.above, isSelf, state };
}

function nodeTable(site: Site, request: PageRequest, watched: WatchedNodes): Html {
  const { language } = request;
  const title = (room: string) => site.kernel.systems.get(room)?.contract.title[language] ?? room;
  const rows = watched.nodes.map((node) => {
    const state = stateOf(watched, node);
    const classes = TAGS[state];
    const words = node.code === watched.self ? SELF : STATES[state];
    return [
      html`${node.name[language]}<br><code>${node.code}</code>`,
      node.division,
      node.rooms.map(title).join(language === "zh" ? "、" : ", "),
      tag({ text: words[language], classes }),
      node.route ? `${node.route.waiting} / ${node.route.underWay}` : "",
      node.route?.busy === undefined ? "" : String(node.route.busy),
    ];
  });
  const head = NODE_HEAD.map((one) => one[language]);
  return html`<h2 class="govuk-heading-m">${NODES[language]}</h2>${recordTable({ caption: NODES[language], head, rows })}`;
}

function trafficTable(site: Site, request: PageRequest, { nodes }: WatchedNodes, { rows }: Traffic): Html {
  const { language } = request;
  const nameOf = (peer: string) => nodes.find(({ code }) => code === peer)?.name[language] ?? peer;
  const time = (ms: number | undefined) => (ms === undefined ? "> 30 s" : `≤ ${ms} ms`);
  const table =
    rows.length === 0
      ? emptyState({ title: NONE[language] })
      : recordTable({
          caption: TRAFFIC[language],
          head: TRAFFIC_HEAD.map((one) => one[language]),
          rows: rows.map((row) => [
            html`${whatOf(site, row.room, row.operation)[language]}<br><code>${row.room}.${row.operation}</code>`,
            nameOf(row.peer),
            DIRECTIONS[row.direction][language],
            `${row.calls} (${row.lately})`,
            `${row.refused} / ${row.failed}`,
            `${time(row.p50Ms)} / ${time(row.p95Ms)}`,
          ]),
        });
  return html`<h2 class="govuk-heading-m">${TRAFFIC[language]}</h2>${table}`;
}

/** Words of the protocol: an operator looks them up in its description. */
function refusals({ language }: PageRequest, { refused }: WatchedNodes): Html {
  const rows = Object.entries(refused).map(([why, count]) => [html`<code>${why}</code>`, String(count)]);
  if (rows.length === 0) return NOTHING;
  const head = [text("原因", "Reason"), text("次数", "Times")].map((one) => one[language]);
  return html`<h2 class="govuk-heading-m">${REFUSED[language]}</h2>${recordTable({ caption: REFUSED[language], head, rows })}`;
}
