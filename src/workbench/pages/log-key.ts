import { trust } from "#infrastructure/trust";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { formatInstant, formatNumber } from "#ui/format";
import { postOf } from "../frame.ts";
import { officialNames } from "../names.ts";

type Shown = Output<(typeof trust)["operations"]["logKey"]["output"]>;

const OPERATIONS = "/workbench/operations/trust";
const TITLE = text("日志密钥", "The key of the log");
const FIRST = text("现用的是第 1 把密钥，尚未更换过。", "It is the first; it was never changed.");
const SINCE = text(
  "现用的是第 {generation} 把密钥，自日志第 {from} 条起签署检查点。",
  "It is number {generation}, and signs from entry {from} of the log on.",
);
const LEAD = text(
  "更换时，新旧两把密钥共同签署一份更替说明，随日志公布；凭证和证据包自带，持有以前公钥的人照样能核验。业务不停，无须重启。更换须由另一岗位的另一人审批。更换后请在政府公报等处公布新公钥。",
  "When it is changed, the old and the new key sign a succession together, which is published with the log; receipts and bundles bring it along, and whoever has an earlier key verifies as before. Work goes on and nothing is restarted. Another person at another post approves. Publish the new key afterwards, in the gazette for instance.",
);
const PUBLISHED = text("公布的更替说明", "The successions as they are published");
const PROPOSE = text("提出更换日志密钥", "Propose to change the key of the log");
const WANTED = text(
  "已批准更换，日志收到下一条记录时启用新密钥。",
  "The change is approved: the new key follows with the next entry of the log.",
);
const OPERATOR = text("命令行操作员", "the operator, at the command line");
const PROPOSED = text("{by}于 {at} 提出更换：{reason}", "{by} proposed a change at {at}: {reason}");
const DECIDE = text("审批更换日志密钥", "Decide about the key of the log");
const OTHERS = text("请由另一岗位的另一人审批。", "Another person at another post decides.");

/** The key that signs the log's checkpoints, and how another follows it. */
export async function logKeySection(request: PageRequest): Promise<Html> {
  const { language } = request;
  const shown = await request.front(trust, { purpose: "administration" }).logKey({});
  if (isRefusal(shown)) return NOTHING;
  const { generation, from, verifierKey } = shown;
  const since =
    generation === 1 ? FIRST : fill(SINCE, { generation: formatNumber(generation), from: formatNumber(from) });
  return html`<section class="zt-section"><h2>${TITLE[language]}</h2><p class="zt-prose">${since[language]}</p><p class="zt-prose">${LEAD[language]}</p><pre class="zt-mono zt-pre" tabindex="0">${verifierKey}</pre>${
    generation === 1 ? NOTHING : html`<p><a class="govuk-link" href="/log/successions">${PUBLISHED[language]}</a></p>`
  }${await standing(request, shown)}</section>`;
}

async function standing(request: PageRequest, { wanted, proposals }: Shown): Promise<Html> {
  const { language } = request;
  if (wanted) return html`<p>${WANTED[language]}</p>`;
  const open = proposals.find(({ decision }) => decision === undefined);
  if (open === undefined)
    return html`<p><a class="govuk-link" href="${OPERATIONS}/proposeLogKeyChange">${PROPOSE[language]}</a></p>`;
  const { number, proposedBy, proposedAt, reason } = open;
  const names = await officialNames(request, proposedBy === undefined ? [] : [proposedBy]);
  const by = proposedBy === undefined ? OPERATOR[language] : (names.get(proposedBy) ?? "");
  const at = formatInstant(Temporal.Instant.from(proposedAt), language, { year: true });
  return html`<p>${fill(PROPOSED, { by, at, reason })[language]}</p><p>${
    proposedBy === postOf(request).officialId
      ? OTHERS[language]
      : html`<a class="govuk-link" href="${OPERATIONS}/decideLogKeyChange?number=${number}">${DECIDE[language]}</a>`
  }</p>`;
}
