import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type LastCosignature, lastCosignatures } from "#kernel/witnessing/cosignatures";
import { seenLogs } from "#kernel/witnessing/seen-rows";
import { type Html, html } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { tag } from "#ui/components/tag/tag";
import { formatInstant } from "#ui/format";
import { recordTable } from "../table.ts";
import type { WatchedNodes } from "./exchange-watch-clients.ts";

/** Witnesses are asked every ten seconds when the log grew: one that is behind for so long does not answer, or refuses. */
const LATE_MS = 300_000;

const OURS = text("本节点日志的见证方", "Witnesses of this node's log");
const OTHERS = text("本节点见证的日志", "Logs that this node vouches for");
const NOBODY = text(
  "还没有见证方确认过本节点的日志。相邻上下级节点和 ZHENGTONG_WITNESSES 中的见证程序会被自动请求。",
  "Nobody has vouched for this node's log yet. Nodes directly above and below it are asked by themselves, and so are witnesses in ZHENGTONG_WITNESSES.",
);
const NO_OTHERS = text("本节点没有见证其他日志。", "This node vouches for no other log.");
const OURS_HEAD = [
  text("见证方", "Witness"),
  text("确认到第几条", "Vouched for so many entries"),
  text("时间", "When"),
  text("状态", "State"),
];
const OTHERS_HEAD = [text("日志", "Log"), text("确认到第几条", "Vouched for so many entries"), text("时间", "When")];
const CURRENT = text("最新", "Up to date");
const FOLLOWS = text("差 {count} 条", "{count} entries behind");
const LATE = text("自 {since} 起落后 {count} 条，请检查", "{count} entries behind since {since}: look why");

/** Who has vouched for this node's log up to where, and for whose logs this node has. */
export async function witnesses(site: Site, { language, now }: PageRequest, { nodes }: WatchedNodes): Promise<Html> {
  const { database, ledger } = site.kernel;
  const [newest, vouching, seen] = await Promise.all([
    ledger.checkpoint(),
    lastCosignatures(database),
    seenLogs(database),
  ]);
  // A node's witness is called by its code and a number; a witness of its own by whatever it calls itself.
  const named = (name: string, node: WatchedNodes["nodes"][number] | undefined) =>
    node === undefined ? html`<code>${name}</code>` : html`${node.name[language]}<br><code>${name}</code>`;
  const when = (at: string) => formatInstant(Temporal.Instant.from(at), language);
  const state = ({ size, behindSince }: LastCosignature) => {
    if (behindSince === null) return tag({ text: CURRENT[language] });
    const isLate = Date.parse(now) - Date.parse(behindSince) > LATE_MS;
    return tag({
      text: fill(isLate ? LATE : FOLLOWS, { count: (newest?.size ?? size) - size, since: when(behindSince) })[language],
      classes: isLate ? "zt-tag--bad" : "zt-tag--wait",
    });
  };
  const ours =
    vouching.length === 0
      ? html`<p>${NOBODY[language]}</p>`
      : recordTable({
          caption: OURS[language],
          head: OURS_HEAD.map((one) => one[language]),
          rows: vouching.map((last) => [
            named(
              last.witness,
              nodes.find(({ code }) => last.witness.startsWith(`${code}/`)),
            ),
            String(last.size),
            when(last.at),
            state(last),
          ]),
        });
  const others =
    seen.length === 0
      ? html`<p>${NO_OTHERS[language]}</p>`
      : recordTable({
          caption: OTHERS[language],
          head: OTHERS_HEAD.map((one) => one[language]),
          rows: seen.map(({ origin, size, at }) => [
            named(
              origin,
              nodes.find(({ logs }) => logs.includes(origin)),
            ),
            String(size),
            when(at),
          ]),
        });
  return html`<h2 class="govuk-heading-m">${OURS[language]}</h2>${ours}<h2 class="govuk-heading-m">${OTHERS[language]}</h2>${others}`;
}
