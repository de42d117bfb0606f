import type { exchange } from "#infrastructure/exchange";
import type { Output } from "#kernel/contract/contract";
import type { PageRequest } from "#kernel/http/page";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { tag } from "#ui/components/tag/tag";
import { formatDate, statutoryDay } from "#ui/format";
import { recordTable } from "../table.ts";

export type WatchedNodes = Output<(typeof exchange)["operations"]["watchNodes"]["output"]>;
export type WatchedClients = Output<(typeof exchange)["operations"]["watchClients"]["output"]>;

/** From so many days before its end on a certificate is shown as ending. */
const ENDING_DAYS = 60;
/** From so many on it is urgent: who is to renew it has to be asked. */
const URGENT_DAYS = 14;
const DAY_MS = 86_400_000;

const CERTIFICATES = text("即将到期的证书", "Certificates about to end");
const NONE_ENDS = text(
  "60 天内没有到期的证书。其他节点的证书在连接时才看得到。",
  "None ends within 60 days. Of other nodes a certificate is seen when they connect.",
);
const HOLDER = text("持有者", "Whose");
const ENDS = text("有效期至", "Until");
const LEFT = text("剩余", "Left");
const DAYS = text("{days} 天", "{days} days");
const ENDED = text("已到期", "Ended");
const NODE = text("节点", "Node");
const SYSTEM = text("外部系统", "Foreign system");
const KIND = text("类别", "Kind");
const QUOTAS = text("外部系统的配额", "Quotas of foreign systems");
const QUOTA_HEAD: readonly Text[] = [
  text("系统", "System"),
  text("每分钟次数", "Calls a minute"),
  text("现可连续调用", "At once, now"),
  text("超出配额被拒", "Refused: over the quota"),
  text("繁忙被拒", "Refused: busy"),
];
const NO_SYSTEMS = text("没有登记的外部系统。", "No foreign system is registered.");
const COUNTED = text("被拒次数自本进程启动起计。", "Refusals are counted since this process began.");

interface Ending {
  readonly kind: Text;
  readonly name: string;
  readonly code: string;
  readonly untilMs: number;
}

/** Whose certificates end soon: nodes of the directory, this one too, and foreign systems. The soonest first. */
export function endingCertificates(request: PageRequest, watched: WatchedNodes, clients: WatchedClients): Html {
  const { language } = request;
  const nowMs = Date.parse(request.now);
  const nodes = watched.nodes.map((one) => ({ ...one, kind: NODE, id: one.code }));
  const systems = clients.items.map((one) => ({ ...one, kind: SYSTEM, id: one.client }));
  const ending = [...nodes, ...systems]
    .flatMap(({ kind, name, id, certificateUntil }): readonly Ending[] =>
      certificateUntil === undefined
        ? []
        : [{ kind, name: name[language], code: id, untilMs: Date.parse(certificateUntil) }],
    )
    .filter(({ untilMs }) => untilMs - nowMs < ENDING_DAYS * DAY_MS)
    .sort((one, other) => one.untilMs - other.untilMs);
  const head = [HOLDER, KIND, ENDS, LEFT].map((one) => one[language]);
  const rows = ending.map(({ kind, name, code, untilMs }) => [
    html`${name} <code>${code}</code>`,
    kind[language],
    formatDate(statutoryDay(Temporal.Instant.fromEpochMilliseconds(untilMs)), language, { year: true }),
    leftTag(request, untilMs - nowMs),
  ]);
  const content =
    rows.length === 0
      ? html`<p>${NONE_ENDS[language]}</p>`
      : recordTable({ caption: CERTIFICATES[language], head, rows });
  return html`<h2 class="govuk-heading-m">${CERTIFICATES[language]}</h2>${content}`;
}

function leftTag({ language }: PageRequest, leftMs: number): Html {
  if (leftMs <= 0) return tag({ text: ENDED[language], classes: "zt-tag--bad" });
  const days = Math.floor(leftMs / DAY_MS);
  return tag({ text: fill(DAYS, { days })[language], classes: days < URGENT_DAYS ? "zt-tag--bad" : "zt-tag--wait" });
}

/** What each foreign system may call, and how often it was told to wait. */
export function quotaTable({ language }: PageRequest, { items }: WatchedClients): Html {
  const heading = html`<h2 class="govuk-heading-m">${QUOTAS[language]}</h2>`;
  if (items.length === 0) return html`${heading}<p>${NO_SYSTEMS[language]}</p>`;
  const rows = items.map(({ client, name, perMinute, left, overQuota, busy }) => [
    html`${name[language]} <code>${client}</code>`,
    String(perMinute),
    left === undefined ? NOTHING : String(left),
    String(overQuota),
    String(busy),
  ]);
  const head = QUOTA_HEAD.map((one) => one[language]);
  return html`${heading}${recordTable({ caption: QUOTAS[language], head, rows })}<p class="govuk-hint">${COUNTED[language]}</p>`;
}
