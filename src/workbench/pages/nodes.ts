import {
  ADMINISTER,
  APPROVE,
  CHANGE_STATUSES,
  CHANGES,
  directory,
  JOINING_STATUSES,
  NODE_STATES,
  ZONES,
} from "#infrastructure/directory";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { time } from "#ui/components/time/time";
import { holds, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/nodes";
const JOINING_PATH = "/workbench/nodes/joining";
const OPERATIONS = "/workbench/operations/directory";
const TITLE = text("节点", "Nodes");
const LEAD = text(
  "各级各部门的节点、各系统由哪个节点保管、目录各部分的版本。一人申请，另一人审批，发布后全网遵循。",
  "The nodes of all levels, which of them keeps which room, and the versions of the directory's parts. One official proposes, another decides; what is published counts everywhere.",
);
const ALONE = text("本节点不属于任何节点目录", "This node belongs to no directory of nodes");
const ALONE_HINT = text(
  "所有系统都在本节点。建立目录用 zhengtong node found，加入上级用 zhengtong node join。",
  "It keeps every room itself. zhengtong node found makes a directory, zhengtong node join joins one.",
);
const PROBLEM = text(
  "节点目录{what}：本节点暂不与其他节点往来。",
  "The directory {what}: this node calls no other one for now.",
);
const NODE_HEAD = [
  text("节点", "Node"),
  text("行政区划", "Division"),
  text("区域", "Zone"),
  text("上级", "Above"),
  text("保管的系统", "Rooms that it keeps"),
  text("状态", "State"),
];
const CERTIFICATES = text("节点的证书", "Certificates of nodes");
const CERTIFICATES_LEAD = text(
  "只有列出的证书可以在节点之间使用。私钥可能泄露时，请先在“证书”中吊销，再由两名工作人员在此除去：各节点约一分钟内不再承认该证书，该节点自动换用新密钥、领取新证书。",
  "Between nodes only the certificates listed here count. Where a key may be known to others, revoke its certificate under Certificates first; then two officials strike it here: within about a minute no node takes it any more, and its node makes another key and gets a certificate for it by itself.",
);
const CERTIFICATE_HEAD = [
  text("节点", "Node"),
  text("证书指纹（SHA-256）", "Fingerprint (SHA-256)"),
  text("操作", "Action"),
];
const UNTIL = text("已更换，承认至", "replaced; counts until");
const NONE_LISTED = text("没有可用的证书", "no certificate counts");
const PARTS = text("目录的各部分", "Parts of the directory");
const PART_HEAD = [text("行政区划", "Division"), text("版本", "Version"), text("有效期至", "Good until")];
const OWN = text("本节点发布", "published here");
const LAPSED = text("已过期", "expired");
const CHANGE_TITLE = text("变更", "Changes");
const NO_CHANGES = text("没有变更申请", "No changes were proposed");
const CHANGE_HEAD = [text("事项", "What"), text("内容", "Content"), text("状态", "Status"), text("操作", "Action")];
const JOINING_TITLE = text("节点加入申请", "Requests to join");
const JOINING_LEAD = text(
  "核对人用电话等另一途径与对方核对核对码，再由另一人审批。批准后自动签发证书、发布目录。",
  "One official compares the short code with the other side by another way, such as the telephone; another one decides. Then the certificate is issued and the directory published by itself.",
);
const NO_JOININGS = text("没有节点申请加入", "No node asks to join");
const JOINING_HEAD = [
  text("节点", "Node"),
  text("行政区划", "Division"),
  text("申请保管的系统", "Rooms that it wants to keep"),
  text("状态", "Status"),
  text("操作", "Action"),
];
const DO = {
  compare: text("核对", "Compare"),
  decide: text("审批", "Decide"),
  move: text("调整系统所在节点", "Move a room"),
  leave: text("节点退出", "Let a node leave"),
  merge: text("机构合并", "Merge authorities"),
  renumber: text("行政区划代码变更", "Renumber a division"),
  addresses: text("变更节点地址", "Change the addresses of a node"),
  strike: text("除去", "Strike"),
};

type Nodes = Output<(typeof directory)["operations"]["listNodes"]["output"]>;
type Change = Output<(typeof directory)["operations"]["listDirectoryChanges"]["output"]>["items"][number];
type Joining = Output<(typeof directory)["operations"]["listJoinings"]["output"]>["items"][number];

/** Who belongs to the directory of nodes, who keeps what, who wants to join. */
export function nodePages(site: Site): readonly Page[] {
  return [
    definePage({ path: PATH, audience: "official", get: (request) => nodes(site, request) }),
    definePage({ path: JOINING_PATH, audience: "official", get: (request) => joinings(site, request) }),
  ];
}

async function nodes(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, ADMINISTER) && !holds(request, APPROVE)) return { kind: "not-found" };
  const { language } = request;
  const front = request.front(directory, { purpose: "administration" });
  const [listed, changes] = [await front.listNodes({}), await front.listDirectoryChanges({})];
  if (isRefusal(listed)) return refusalPage(site, request, listed);
  if (isRefusal(changes)) return refusalPage(site, request, changes);
  const heading = pageHeading({ title: TITLE[language], lead: LEAD[language] });
  const main =
    listed.self === undefined
      ? html`${heading}${emptyState({ title: ALONE[language], text: ALONE_HINT[language] })}`
      : html`${heading}${problem(request, listed)}${nodeTable(site, request, listed)}<div class="zt-actions">${button({ text: JOINING_TITLE[language], href: JOINING_PATH })}</div><section class="zt-section"><h2 class="govuk-heading-m">${CHANGE_TITLE[language]}</h2>${holds(request, ADMINISTER) ? proposals(request) : NOTHING}${changeTable(request, changes.items)}</section><section class="zt-section"><h2 class="govuk-heading-m">${CERTIFICATES[language]}</h2><p class="govuk-body">${CERTIFICATES_LEAD[language]}</p>${certificateTable(request, listed)}</section><section class="zt-section"><h2 class="govuk-heading-m">${PARTS[language]}</h2>${partTable(request, listed)}</section>`;
  return workbench(site, request, { title: TITLE[language], main });
}

function problem({ language }: PageRequest, { problem: what }: Nodes): Html {
  if (what === undefined) return NOTHING;
  return insetText({ text: PROBLEM[language].replace("{what}", what[language]) });
}

function nodeTable(site: Site, { language }: PageRequest, listed: Nodes): Html {
  const title = (room: string) => site.kernel.systems.get(room)?.contract.title[language];
  // From the whole country down, as the divisions lie in each other.
  const inOrder = listed.nodes.toSorted((a, b) => (a.division + a.code < b.division + b.code ? -1 : 1));
  const rows = inOrder.map(({ code, name, division, zone, above, rooms, state, isSelf }) => [
    html`${isSelf ? html`<strong>${name[language]}</strong>` : name[language]}<br><code>${code}</code>`,
    html`<code>${division}</code>`,
    ZONES[zone][language],
    above === undefined ? "—" : html`<code>${above}</code>`,
    rooms.length === 0
      ? "—"
      : html`${rooms.map((one) => html`${title(one.room) ?? html`<code>${one.room}</code>`} ${one.division === division ? NOTHING : html`(${one.division})`}<br>`)}`,
    NODE_STATES[state][language],
  ]);
  return html`<div class="zt-section">${recordTable({ caption: TITLE[language], head: NODE_HEAD.map((one) => one[language]), rows })}</div>`;
}

function certificateTable(request: PageRequest, { nodes: all }: Nodes): Html {
  const { language } = request;
  const rows = all
    .filter(({ state }) => state !== "left")
    .flatMap(({ code, name, certificates = [], isOurs }) => {
      const who = html`${name[language]}<br><code>${code}</code>`;
      if (certificates.length === 0) return [[who, NONE_LISTED[language], "—"]];
      const mayStrike = isOurs === true && holds(request, ADMINISTER);
      return certificates.map(({ fingerprint, until }) => [
        who,
        html`<code>${inGroups(fingerprint)}</code>${until === undefined ? NOTHING : html`<br>${UNTIL[language]} ${time(Temporal.Instant.from(until), language)}`}`,
        mayStrike
          ? html`<a class="govuk-link" href="${OPERATIONS}/proposeCertificateStrike?node=${code}&certificate=${fingerprint}">${DO.strike[language]}<span class="govuk-visually-hidden"> ${name[language]}</span></a>`
          : "—",
      ]);
    });
  return recordTable({ caption: CERTIFICATES[language], head: CERTIFICATE_HEAD.map((one) => one[language]), rows });
}

/** With places at which a narrow page may break it. */
function inGroups(fingerprint: string): Html {
  return html`${(fingerprint.match(/.{1,8}/g) ?? []).map((part) => html`${part}<wbr>`)}`;
}

function partTable({ language }: PageRequest, { parts }: Nodes): Html {
  const rows = parts.map(({ division, version, until, isOwn, hasLapsed }) => [
    html`<code>${division}</code>${isOwn ? html` (${OWN[language]})` : NOTHING}`,
    `${version}`,
    html`${until.slice(0, 10)}${hasLapsed ? html` <strong>${LAPSED[language]}</strong>` : NOTHING}`,
  ]);
  return recordTable({ caption: PARTS[language], head: PART_HEAD.map((one) => one[language]), rows });
}

function changeTable(request: PageRequest, items: readonly Change[]): Html {
  const { language } = request;
  if (items.length === 0) return emptyState({ title: NO_CHANGES[language] });
  const rows = items.map(({ id, what, content, status, reason, decision }) => [
    html`${CHANGES[what][language]}<br><span class="zt-opinion__by">${decision ?? reason}</span>`,
    html`${Object.values(JSON.parse(content) as Record<string, string>).map((one) => html`<code>${one}</code> `)}`,
    CHANGE_STATUSES[status][language],
    status === "proposed" && holds(request, APPROVE)
      ? link(request, "decideDirectoryChange", id, DO.decide, content)
      : "—",
  ]);
  return recordTable({ caption: CHANGE_TITLE[language], head: CHANGE_HEAD.map((one) => one[language]), rows });
}

function proposals({ language }: PageRequest): Html {
  const offered: readonly (readonly [string, Text])[] = [
    ["proposeRoomMove", DO.move],
    ["proposeNodeLeave", DO.leave],
    ["proposeAuthorityMerger", DO.merge],
    ["proposeDivisionChange", DO.renumber],
    ["proposeAddressChange", DO.addresses],
  ];
  const links = offered.map(
    ([operation, title]) =>
      html`<li><a class="govuk-link" href="${OPERATIONS}/${operation}">${title[language]}</a></li>`,
  );
  return html`<ul class="govuk-list">${links}</ul>`;
}

async function joinings(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, ADMINISTER) && !holds(request, APPROVE)) return { kind: "not-found" };
  const { language } = request;
  const listed = await request.front(directory, { purpose: "administration" }).listJoinings({});
  if (isRefusal(listed)) return refusalPage(site, request, listed);
  const rows = listed.items.map((one) => joiningRow(request, one));
  const main = html`${pageHeading({ title: JOINING_TITLE[language], lead: JOINING_LEAD[language] })}<div class="zt-section">${
    rows.length === 0
      ? emptyState({ title: NO_JOININGS[language] })
      : recordTable({ caption: JOINING_TITLE[language], head: JOINING_HEAD.map((one) => one[language]), rows })
  }</div>`;
  const breadcrumbs = [{ text: TITLE[language], href: PATH }, { text: JOINING_TITLE[language] }];
  return workbench(site, request, { title: JOINING_TITLE[language], main, breadcrumbs });
}

function joiningRow(request: PageRequest, joining: Joining) {
  const { language } = request;
  const { id, node, name, division, zone, rooms, status, reason, decision } = joining;
  const said = decision ?? reason;
  const acts = html`${status === "received" && holds(request, ADMINISTER) ? link(request, "proposeJoining", id, DO.compare, node) : NOTHING}${
    (status === "received" || status === "proposed") && holds(request, APPROVE)
      ? link(request, "decideJoining", id, DO.decide, node)
      : NOTHING
  }`;
  return [
    html`${name[language]}<br><code>${node}</code>`,
    html`<code>${division}</code> ${ZONES[zone][language]}`,
    rooms.length === 0 ? "—" : html`${rooms.map((room) => html`<code>${room}</code> `)}`,
    html`${JOINING_STATUSES[status][language]}${said === undefined ? NOTHING : html`<br><span class="zt-opinion__by">${said}</span>`}`,
    acts,
  ];
}

function link({ language }: PageRequest, operation: string, id: string, what: Text, about: string): Html {
  return html`<a class="govuk-link" href="${OPERATIONS}/${operation}?id=${id}">${what[language]}<span class="govuk-visually-hidden"> ${about}</span></a> `;
}
