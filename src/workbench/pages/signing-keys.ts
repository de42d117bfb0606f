import { trust } from "#infrastructure/trust";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { details } from "#ui/components/details/details";
import { tag } from "#ui/components/tag/tag";
import { formatDate, formatInstant, statutoryDay } from "#ui/format";
import { postOf } from "../frame.ts";
import { officialNames } from "../names.ts";
import { recordTable } from "../table.ts";
import { countedKeys } from "./counted-keys.ts";

type Listed = Output<(typeof trust)["operations"]["listSigningKeys"]["output"]>;
type Key = Listed["keys"][number];

const TITLE = text("节点密钥和签名密钥", "The node's key and the keys that it signs with");
const HEAD = [
  text("用途", "Use"),
  text("密钥", "Key"),
  text("状态", "State"),
  text("期限", "Period"),
  text("操作", "Action"),
];
const OPERATIONS = "/workbench/operations/trust";
/** Those in whose place the node takes another by itself when two officials say that they are compromised. */
const REPLACED: ReadonlySet<Key["use"]> = new Set(["sign-in", "message", "connection"]);
const COMPROMISED = text("登记泄露", "Report as compromised");
const PROPOSALS = text("签名密钥待审批", "Keys that sign: to be decided");
const PROPOSAL_HEAD = [
  text("事项", "What"),
  text("发现了什么", "What was found"),
  text("提出", "Proposed"),
  text("操作", "Action"),
];
const COUNTS_AS = text("登记为已泄露", "counts as compromised");
const DECIDE = text("审批", "Decide");
const OTHERS = text("由另一人审批", "another person decides");
const USES = {
  "node-key": text("节点密钥：保护其余全部密钥", "The node's key: wraps all others"),
  connection: text("节点之间的连接（TLS）", "Connections between nodes (TLS)"),
  log: text("日志检查点", "Checkpoints of the log"),
  directory: text("目录内容", "This node's part of the directory"),
  message: text("交换报文", "Messages between nodes"),
  witness: text("见证其他节点的日志", "Vouches for the logs of others"),
  "sign-in": text("登录令牌", "Tokens of sign-in"),
  root: text("根证书", "Root certificate"),
  authority: text("签发证书", "Issues certificates"),
};
const STATES = {
  "pre-active": text("待启用", "Waiting"),
  active: text("使用中", "In use"),
  suspended: text("已暂停", "Suspended"),
  deactivated: text("已停用", "Deactivated"),
  compromised: text("已泄露", "Compromised"),
  destroyed: text("已销毁", "Destroyed"),
};
const NOTED = text("{at}登记", "noted {at}");
const REPLACE_BY = text("应在 {at}前更换", "to be replaced by {at}");
const ENDED = text("{at}停用", "ended {at}");
const OVERDUE = text("应更换", "Due");
const IF_LOST = text("密钥泄露了怎么办", "When a key is compromised");
const REISSUE = text(
  "停用本节点的目录登记，由上级节点的两人重新接纳；此前的报文凭双方日志中的记录和时间判断。",
  "Have this node's entry in the directory ended, and the node admitted anew by two officials of the node above. What it signed before is judged by both sides' ledgers and their times.",
);
const IF_COMPROMISED: Readonly<Record<Key["use"], ReturnType<typeof text>>> = {
  "node-key": text(
    "运行 zhengtong keys renew --reason（业务照常），再轮换加密密钥和检索密钥。旧备份仍由旧密钥打开，请一并处置；拿到旧密钥和数据文件的人可能已取得其余密钥。",
    "Run zhengtong keys renew --reason (work goes on), then rotate the data keys. Older backups open with the old key: deal with them as well. Whoever had it with the key folder may have all the others.",
  ),
  connection: text(
    "在上表登记泄露，另一岗位的另一人审批后，本节点另换密钥、向上级节点换领证书；原证书立即从目录除去并吊销，已建立的连接也随之断开。外部系统接入用的是自签证书的，请重启节点，并把新的 edge.crt 交给各系统。",
    "Report it in the table above. When another person at another post approves, the node takes another key and gets a certificate of it from the node above; the one before is struck from the directory and revoked at once, and open connections end with it. Where the edge for other systems shows a certificate that the node signed itself, restart the node and give the systems the new edge.crt.",
  ),
  directory: REISSUE,
  message: text(
    "在上表登记泄露，另一岗位的另一人审批后，本节点立即换用新密钥，并由上级节点登入目录；从下一版目录起，各节点不再认原密钥签的报文。目录更新前的几秒到几十秒内，其他节点可能答复“暂时无法联系”，随后自动重试。此前的报文凭双方日志中的记录和时间判断。",
    "Report it in the table above. When another person at another post approves, the node signs with a new key at once, and the node above lists it; from that edition on no node takes what the old one signs. Until it has reached the others, some seconds, they may be unavailable to this node; what waits is sent again by itself. What the old key signed before is judged by both sides' ledgers and their times.",
  ),
  log: text(
    "在上面“日志密钥”处提出更换，由另一岗位的另一人审批；随即公布新公钥、更替说明和更换时的检查点，请依赖方改用新公钥。只认旧公钥的人，仍可能被泄露的密钥骗过；检查点有见证者签名的，或者给了更替说明的，不会。",
    "Propose to change it above, under “The key of the log”; another person at another post approves. Publish the new key, the succession and its checkpoint at once, and ask those who rely on the log to take the new key. Whoever knows the old one alone can still be deceived with it; whoever asks for witnesses, or has the succession, cannot.",
  ),
  witness: text(
    "告知上下级节点不再采信它的见证。恢复一次备份后即自动换用新密钥；此前的见证仍可由其他见证者印证。",
    "Tell the nodes above and below to rely on it no more. After a restore of a backup another one is used by itself; what it vouched for before is borne out by other witnesses.",
  ),
  "sign-in": text(
    "在上表登记泄露，另一岗位的另一人审批后，所有进程立即换用新密钥，公布的密钥集中不再有它，本节点不再认它签的令牌。再请各接入系统清除缓存的密钥集；它签的令牌最长十分钟到期。",
    "Report it in the table above. When another person at another post approves, every process takes a new key at once, the published key set names the old one no more, and this node takes no token signed by it. Then ask the systems to drop the key set that they keep; tokens of the old one run out within ten minutes.",
  ),
  root: text(
    "停止签发，另立新根，逐一告知依赖方。凭时间戳能证明在泄露前签成的仍然有效。",
    "Issue nothing more, set up a new root, and tell everyone who relies on the old one. What a time stamp proves to be from before stays good.",
  ),
  authority: text(
    "由离线根吊销其证书，换发新的签发机构。它此后签发的一概不认；凭时间戳能证明在泄露前签成的仍然有效。",
    "Have the off-line root revoke its certificate and certify a new authority. What it issues from then on counts nowhere; what a time stamp proves to be from before stays good.",
  ),
};

/** What one official found of such a key, and another decides. */
async function signingKeyProposals(request: PageRequest, { proposals }: Listed): Promise<Html> {
  const { language } = request;
  const open = proposals.filter(({ decision }) => decision === undefined);
  if (open.length === 0) return NOTHING;
  const { officialId } = postOf(request);
  const names = await officialNames(
    request,
    open.map(({ proposedBy }) => proposedBy),
  );
  const rows = open.map(({ number, label, use, reason, proposedBy, proposedAt }) => [
    html`${USES[use][language]} <code>${label}</code><br>${COUNTS_AS[language]}`,
    reason,
    html`${names.get(proposedBy) ?? ""}<br>${formatInstant(Temporal.Instant.from(proposedAt), language, { year: true })}`,
    proposedBy === officialId
      ? OTHERS[language]
      : html`<a class="govuk-link" href="${OPERATIONS}/decideSigningKeyCompromise?number=${number}">${DECIDE[language]}<span class="govuk-visually-hidden"> ${label}</span></a>`,
  ]);
  return html`<section class="zt-section"><h2>${PROPOSALS[language]}</h2>${recordTable({
    caption: PROPOSALS[language],
    head: PROPOSAL_HEAD.map((one) => one[language]),
    rows,
  })}</section>`;
}

/** The keys that the node holds in its own name, with what is to be done when one is lost. */
export async function signingKeys(request: PageRequest, now: string): Promise<Html> {
  const { language } = request;
  const listed = await request.front(trust, { purpose: "administration" }).listSigningKeys({});
  if (isRefusal(listed) || listed.keys.length === 0) return NOTHING;
  const reported = new Set(
    listed.proposals.filter(({ decision }) => decision === undefined).map(({ fingerprint }) => fingerprint),
  );
  const order = Object.keys(USES);
  const keys = [...listed.keys].sort((one, other) => order.indexOf(one.use) - order.indexOf(other.use));
  const held = order.filter((use) => keys.some((key) => key.use === use && key.state !== "destroyed")) as Key["use"][];
  return html`<section class="zt-section"><h2>${TITLE[language]}</h2><div class="zt-section">${recordTable({
    caption: TITLE[language],
    head: HEAD.map((one) => one[language]),
    rows: keys.map((key) => row(request, key, { now, isReported: reported.has(key.fingerprint) })),
  })}</div></section>${await signingKeyProposals(request, listed)}${await countedKeys(request)}<section class="zt-section"><h2>${IF_LOST[language]}</h2>${held.map(
    (use) => details({ summary: USES[use][language], text: IF_COMPROMISED[use][language] }),
  )}</section>`;
}

function row(
  request: PageRequest,
  key: Key,
  { now, isReported }: { readonly now: string; readonly isReported: boolean },
) {
  const { language } = request;
  const at = (instant: string) => ({
    at: formatDate(statutoryDay(Temporal.Instant.from(instant)), language, { year: true }),
  });
  const isDue = key.state === "active" && Date.parse(key.replaceBy) <= Date.parse(now);
  const period = key.endedAt ? fill(ENDED, at(key.endedAt)) : fill(REPLACE_BY, at(key.replaceBy));
  return [
    USES[key.use][language],
    html`${key.label}<br><span class="zt-opinion__by">${key.algorithm} · <code>${key.fingerprint.slice(0, 16)}</code></span>`,
    html`${STATES[key.state][language]}${isDue ? html` ${tag({ text: OVERDUE[language] })}` : NOTHING}`,
    html`${period[language]}<br><span class="zt-opinion__by">${fill(NOTED, at(key.notedAt))[language]}</span>`,
    mayBeReported(key) && !isReported
      ? html`<a class="govuk-link" href="${OPERATIONS}/proposeSigningKeyCompromise?fingerprint=${key.fingerprint}">${COMPROMISED[language]}<span class="govuk-visually-hidden"> ${key.label}</span></a>`
      : NOTHING,
  ];
}

function mayBeReported({ use, state }: Key): boolean {
  return REPLACED.has(use) && state !== "compromised" && state !== "destroyed";
}
