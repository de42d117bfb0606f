/** The part of the directory's contract that is about nodes: who belongs to it, who keeps which room, who joins and leaves. */
import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import {
  ADDRESS_LENGTH_MAX,
  ADMINISTER,
  APPROVE,
  BETWEEN_MAX,
  Chain,
  Change,
  Code,
  certificate,
  DELEGATE,
  Digest,
  DOCUMENT_LENGTH_MAX,
  decision,
  division,
  exchangeAddress,
  Instant,
  JOINING_STATUSES,
  Joining,
  KEYS_MAX,
  Keys,
  keysOf,
  Line,
  legalBasis,
  Name,
  NODE_STATES,
  NOTE_LENGTH_MAX,
  Note,
  node,
  PAGE_LENGTH_MAX,
  PARTS_MAX,
  POSITION_LENGTH_MAX,
  ROOMS_MAX,
  Room,
  reason,
  room,
  SHORT_CODE_LENGTH_MAX,
  SixDigits,
  siteAddress,
  ZONES,
} from "./network-registers.ts";

const NodeView = z.object({
  code: Code,
  name: Name,
  zone: z.enum(keysOf(ZONES)),
  division: SixDigits,
  above: Code.optional(),
  exchange: z.string().max(ADDRESS_LENGTH_MAX).optional(),
  site: z.string().max(ADDRESS_LENGTH_MAX).optional(),
  state: z.enum(keysOf(NODE_STATES)),
  isSelf: z.boolean(),
  rooms: z.array(z.object({ room: Room, division: SixDigits })),
  /** That count now; `until` of one that was replaced. */
  certificates: z.array(z.object({ fingerprint: Digest, until: Instant.optional() })).optional(),
  /** This node publishes its entry. */
  isOurs: z.boolean().optional(),
});
const PartView = z.object({
  division: SixDigits,
  version: z.int(),
  digest: Digest,
  until: Instant,
  isOwn: z.boolean(),
  hasLapsed: z.boolean(),
});
const JoiningView = Joining.omit({ note: true, chain: true }).extend({
  id: z.uuid(),
  shortCode: z.string(),
  zone: z.enum(keysOf(ZONES)),
  division: SixDigits,
  exchange: z.string().optional(),
  rooms: z.array(Room),
  logKeys: z.array(z.string()),
});

const noPost = text("请以岗位身份办理。", "Act in a post.");
const notMember = text(
  "本节点尚未加入节点目录。请先运行 zhengtong node found 或 zhengtong node join。",
  "This node belongs to no directory of nodes yet. Run zhengtong node found or zhengtong node join first.",
);
const notFound = text("没有这项申请。", "There is no such request.");
const noNode = text("目录中没有节点 {node}。", "The directory has no node {node}.");
const decided = text("这项申请已有决定。", "This is decided already.");
const ownRequest = text(
  "申请人不能审批自己提出的申请，请由另一名工作人员审批。",
  "Whoever proposed does not decide: another official must.",
);
/** What stands in the directory contradicts itself otherwise. */
const contradiction = text(
  "这样目录将前后矛盾（{part}：{what}，{subject}）。未作任何更改。",
  "The directory would contradict itself ({part}: {what}, {subject}). Nothing was changed.",
);
const notOurs = text(
  "行政区划 {division} 不归本节点发布。请由其上级节点办理。",
  "Division {division} is not this node's to speak of. Ask the node above it.",
);

const notListedHere = text(
  "节点 {node} 由其上级节点发布，请在那里申请。",
  "The node {node} is published by the node above it. Propose this there.",
);
/** Nobody vouches for a log that two nodes claim (decision 0037). */
const logTaken = text(
  "存证日志名 {log} 已由节点 {node} 使用，一个日志只属于一个节点。申请节点请使用自己的数据文件夹重新初始化；如果日志确属申请节点，请先查明 {node} 的身份。",
  "The log name {log} is that of the node {node}; a log is one node's. Start the asking node with a data folder of its own; if the log is truly its, find out first who {node} is.",
);
const noticeWrong = text(
  "通知格式有误、签名不符，或者不是现在的。",
  "The notice is malformed, not signed by the node, or not of now.",
);

const proposal = {
  audience: ["official"] as const,
  duty: ADMINISTER,
  output: z.object({ id: z.uuid() }),
  legalBasis,
};
const asNode = { audience: ["node"] as const, legalBasis: [] };

export const networkOperations = {
  listNodes: query({
    unfiltered: "arrangement",
    title: text("节点", "Nodes"),
    audience: ["official", "node"],
    duty: DELEGATE,
    input: z.object({}),
    output: z.object({
      self: Code.optional(),
      /** Why the directory is not believed now. */
      problem: Name.optional(),
      nodes: z.array(NodeView),
      parts: z.array(PartView),
    }),
    refusals: {},
    legalBasis,
  }),
  listJoinings: query({
    lists: "joining",
    title: text("节点加入申请", "Requests of nodes to join"),
    audience: ["official"],
    duty: DELEGATE,
    input: z.object({ after: z.string().max(POSITION_LENGTH_MAX).optional() }),
    output: z.object({ items: z.array(JoiningView).max(PAGE_LENGTH_MAX), next: z.string().optional() }),
    refusals: {},
    legalBasis,
  }),
  listDirectoryChanges: query({
    lists: "directoryChange",
    title: text("节点目录变更", "Changes of the directory of nodes"),
    audience: ["official"],
    duty: DELEGATE,
    input: z.object({ after: z.string().max(POSITION_LENGTH_MAX).optional() }),
    output: z.object({
      items: z.array(Change.extend({ id: z.uuid() })).max(PAGE_LENGTH_MAX),
      next: z.string().optional(),
    }),
    refusals: {},
    legalBasis,
  }),
  proposeJoining: command({
    ...proposal,
    title: text("核对节点加入申请", "Compare a request to join"),
    input: z.object({
      id: field(z.uuid(), { title: text("申请编号", "Number of the request") }),
      shortCode: field(z.string().trim().min(1).max(SHORT_CODE_LENGTH_MAX), {
        title: text("对方报出的核对码", "Short code as the other side reads it out"),
        hint: text(
          "请用电话等另一途径向申请节点的管理员核对，不要照抄本页所示",
          "Ask the other node's administrator by another way, such as the telephone; do not copy it from this page",
        ),
      }),
      reason: field(Line, {
        title: text("核对说明", "How it was compared"),
        hint: text("向谁、以何种方式核对", "With whom, by which way"),
        kind: "textarea",
      }),
    }),
    refusals: {
      "no-post": noPost,
      "not-found": notFound,
      decided,
      "code-differs": text(
        "核对码不一致：可能有人冒充该节点。请停止办理并查明原因。",
        "The codes differ: somebody may pretend to be this node. Stop, and find out why.",
      ),
    },
  }),
  decideJoining: command({
    ...proposal,
    title: text("审批节点加入", "Decide whether a node joins"),
    duty: APPROVE,
    input: z.object({
      id: field(z.uuid(), { title: text("申请编号", "Number of the request") }),
      decision,
      reason,
    }),
    output: z.object({}),
    refusals: {
      "no-post": noPost,
      "not-found": notFound,
      "not-compared": text("尚未核对。", "It was not compared yet."),
      decided,
      "own-request": ownRequest,
      "log-taken": logTaken,
    },
  }),
  proposeRoomMove: command({
    ...proposal,
    title: text("申请调整系统所在节点", "Propose that a node keeps a room"),
    input: z.object({ room, division, node, reason }),
    refusals: { "no-post": noPost, "not-member": notMember, "no-node": noNode, "not-ours": notOurs },
  }),
  proposeNodeLeave: command({
    ...proposal,
    title: text("申请节点退出", "Propose that a node leaves"),
    input: z.object({ node, reason }),
    refusals: { "no-post": noPost, "not-member": notMember, "no-node": noNode },
  }),
  proposeAuthorityMerger: command({
    ...proposal,
    title: text("申请机构合并", "Propose that an authority is merged"),
    input: z.object({
      authority: field(z.string().regex(/^[0-9A-Za-z-]{2,40}$/), {
        title: text("被合并的机构代码", "Code of the authority that ends"),
      }),
      into: field(z.string().regex(/^[0-9A-Za-z-]{2,40}$/), {
        title: text("合并后的机构代码", "Code of the authority that takes over"),
      }),
      reason,
    }),
    refusals: {
      "no-post": noPost,
      "not-member": notMember,
      "no-authority": text("目录中没有机构 {authority}。", "The directory has no authority {authority}."),
    },
  }),
  proposeDivisionChange: command({
    ...proposal,
    title: text("申请变更行政区划代码", "Propose that a division is renumbered"),
    input: z.object({
      from: field(SixDigits, { title: text("原代码", "Old code") }),
      to: field(SixDigits, { title: text("新代码", "New code") }),
      since: field(z.iso.date(), { title: text("启用日期", "First day of the new code"), kind: "date" }),
      reason,
    }),
    refusals: { "no-post": noPost, "not-member": notMember, "not-ours": notOurs },
  }),
  /** 电子签名法 §15: who learns that a key is no longer safe stops its use. */
  proposeCertificateStrike: command({
    ...proposal,
    title: text("申请除去节点证书", "Propose that a certificate of a node is struck"),
    input: z.object({ node, certificate, reason }),
    refusals: {
      "no-post": noPost,
      "not-member": notMember,
      "no-node": noNode,
      "not-listed-here": notListedHere,
      "no-certificate": text(
        "节点 {node} 没有这张证书，请核对指纹。",
        "The node {node} has no such certificate; check the fingerprint.",
      ),
    },
  }),
  proposeAddressChange: command({
    ...proposal,
    title: text("申请变更节点地址", "Propose other addresses of a node"),
    input: z.object({ node, exchange: exchangeAddress, site: siteAddress, reason }),
    refusals: {
      "no-post": noPost,
      "not-member": notMember,
      "no-node": noNode,
      "not-listed-here": notListedHere,
      "address-wrong": text(
        "地址须为 https://主机名:端口（网站也可用 http），不带路径，至少填一项；政务内网的节点没有地址。",
        "An address is https://host:port (of pages also http), without a path; give at least one. A node of the intranet has none.",
      ),
    },
  }),
  decideDirectoryChange: command({
    ...proposal,
    title: text("审批节点目录变更", "Decide on a change of the directory"),
    duty: APPROVE,
    input: z.object({ id: field(z.uuid(), { title: text("申请编号", "Number of the request") }), decision, reason }),
    output: z.object({ version: z.int().optional() }),
    refusals: {
      "no-post": noPost,
      "not-found": notFound,
      decided,
      "own-request": ownRequest,
      "not-member": notMember,
      contradiction,
    },
  }),
  /** Makes a directory, of which this node is the centre. */
  foundDirectory: command({
    ...asNode,
    title: text("建立节点目录", "Found a directory of nodes"),
    input: z.object({ entry: z.string().max(NOTE_LENGTH_MAX), chain: Chain, rooms: z.array(Room).max(ROOMS_MAX) }),
    output: z.object({ version: z.int() }),
    refusals: {
      "member-already": text("本节点已属于一个目录。", "This node belongs to a directory already."),
      contradiction,
    },
  }),
  receiveJoining: command({
    ...asNode,
    title: text("收到节点加入申请", "Take in a request to join"),
    input: z.object({
      note: Note,
      proofs: z.array(z.object({ key: z.string().max(200), signature: z.string().max(400) })).max(KEYS_MAX),
    }),
    output: z.object({ id: z.uuid(), digest: Digest }),
    refusals: {
      "not-member": notMember,
      "request-wrong": text(
        "申请格式有误，或者签名与其中的密钥不符。",
        "The request is malformed, or not signed with the keys that are in it.",
      ),
      "other-directory": text(
        "申请所依据的目录公钥不是本节点所用的。请确认上级节点的网址。",
        "The request rests on other keys of the directory than this node's. Check the address of the node above.",
      ),
      "code-taken": text(
        "节点代码 {node} 已被使用，代码不再重新使用。",
        "The code {node} was given before, and is not given again.",
      ),
      "log-taken": logTaken,
      "not-ours": notOurs,
      "too-many": text("待办申请太多，请稍后再试。", "Too many requests wait; try again later."),
    },
  }),
  findJoining: query({
    ...asNode,
    title: text("查询节点加入申请", "Look up a request to join"),
    input: z.object({ digest: Digest }),
    output: z.object({
      id: z.uuid(),
      status: z.enum(keysOf(JOINING_STATUSES)),
      decision: Line.optional(),
      chain: Chain.optional(),
    }),
    refusals: { "not-found": notFound },
  }),
  /** Approved requests, for whoever issues their certificates. */
  approvedJoinings: query({
    lists: "joining",
    ...asNode,
    title: text("已批准的节点加入申请", "Approved requests to join"),
    input: z.object({}),
    output: z.object({
      items: z.array(z.object({ id: z.uuid(), certificateRequest: z.string(), host: z.string(), node: Code })),
    }),
    refusals: {},
  }),
  admitNode: command({
    ...asNode,
    title: text("节点加入目录", "Enter a node in the directory"),
    input: z.object({ id: z.uuid(), chain: Chain }),
    output: z.object({ version: z.int() }),
    refusals: {
      "not-found": notFound,
      "not-approved": text("尚未批准。", "It is not approved."),
      "not-member": notMember,
      contradiction,
    },
  }),
  /** What a node says of itself: that it leaves, that it has another certificate. */
  receiveNotice: command({
    ...asNode,
    title: text("收到节点通知", "Take in what a node says of itself"),
    input: z.object({ note: Note, chain: Chain.optional() }),
    output: z.object({ id: z.uuid().optional(), version: z.int().optional() }),
    refusals: {
      "not-member": notMember,
      "notice-wrong": noticeWrong,
      "no-node": noNode,
      contradiction,
    },
  }),
  /** Whether a notice is what it says, before anything is done about it. */
  judgeNotice: query({
    ...asNode,
    title: text("核验节点通知", "Judge what a node says of itself"),
    input: z.object({ note: Note }),
    output: z.object({ node: Code, what: z.enum(["leave", "renew"]) }),
    refusals: {
      "not-member": notMember,
      "notice-wrong": noticeWrong,
      "no-node": noNode,
    },
  }),
  /** Whether this node's part is to be published anew. */
  renewalDue: query({
    ...asNode,
    title: text("本节点的目录是否应续发", "Whether this node's part is due"),
    input: z.object({}),
    output: z.object({ isDue: z.boolean(), version: z.int() }),
    refusals: {},
  }),
  enterDirectory: command({
    ...asNode,
    title: text("本节点加入目录", "Belong to a directory from now on"),
    input: z.object({
      above: z.string().max(ADDRESS_LENGTH_MAX),
      anchor: Keys,
      chain: Chain,
      entry: z.string().max(NOTE_LENGTH_MAX),
    }),
    output: z.object({}),
    refusals: { "member-already": text("本节点已属于一个目录。", "This node belongs to a directory already.") },
  }),
  takeParts: command({
    ...asNode,
    title: text("收取目录", "Take parts of the directory"),
    input: z.object({
      parts: z
        .array(
          z.object({
            note: Note,
            document: z.string().max(DOCUMENT_LENGTH_MAX),
            between: z.array(Note).max(BETWEEN_MAX).optional(),
          }),
        )
        .max(PARTS_MAX),
    }),
    output: z.object({ taken: z.int() }),
    refusals: { "not-member": notMember, contradiction },
  }),
  /** Publishes this node's own part anew: before it ends, and when its authorities changed. */
  renewPart: command({
    ...asNode,
    title: text("续发本节点的目录", "Publish this node's part anew"),
    input: z.object({}),
    output: z.object({ version: z.int().optional() }),
    refusals: { "not-member": notMember, contradiction },
  }),
};
