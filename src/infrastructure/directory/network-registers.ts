/** Registers and words of the directory of nodes: requests to join, proposed changes. */
import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { type Text, text } from "#lib/language/text";

/** The right to run the directory. */
export const ADMINISTER = "directory.administer";
/** The right to name a stand-in for oneself; every post has it. */
export const DELEGATE = "directory.delegate";
/** The right to decide what somebody else proposed for the directory of nodes. */
export const APPROVE = "directory.approve";

const REASON_LENGTH_MAX = 500;
const CODE_LENGTH_MAX = 63;
const NAME_LENGTH_MAX = 100;
export const ADDRESS_LENGTH_MAX = 300;
export const NOTE_LENGTH_MAX = 65_536;
export const DOCUMENT_LENGTH_MAX = 32 * 1024 * 1024;
const CHAIN_LENGTH_MAX = 100_000;
const CONTENT_LENGTH_MAX = 4_000;
export const POSITION_LENGTH_MAX = 400;
export const PAGE_LENGTH_MAX = 200;
export const PARTS_MAX = 8_000;
export const BETWEEN_MAX = 10_000;
export const KEYS_MAX = 16;
const KEY_LENGTH_MAX = 4_096;
export const SHORT_CODE_LENGTH_MAX = 40;
/** With a colon after each two digits, as some programs write it. */
const FINGERPRINT_LENGTH_MAX = 100;
export const ROOMS_MAX = 100;

/** Platforms are connected, and none is built a second time: 国务院令第809号, chapter 5 (平台支撑); its articles were not read (`catalogue/LAW.md`). */
export const DATA_SHARING_REGULATION = text("政务数据共享条例", "Regulation on Government Data Sharing");
export const legalBasis = [cite(DATA_SHARING_REGULATION, "第五章")];

export const ZONES = {
  intranet: text("政务内网", "Intranet"),
  extranet: text("政务外网", "Extranet"),
  internet: text("互联网", "Internet edge"),
} as const satisfies Record<string, Text>;

export const NODE_STATES = {
  active: text("运行中", "Active"),
  leaving: text("退出中", "Leaving"),
  left: text("已退出", "Left"),
} as const satisfies Record<string, Text>;

export const JOINING_STATUSES = {
  received: text("待核对", "To be compared"),
  proposed: text("待审批", "To be decided"),
  approved: text("已批准，正在签发证书", "Approved; its certificate is being issued"),
  admitted: text("已加入", "Joined"),
  refused: text("不予加入", "Refused"),
} as const satisfies Record<string, Text>;

export const CHANGE_STATUSES = {
  proposed: text("待审批", "To be decided"),
  published: text("已发布", "Published"),
  refused: text("未批准", "Not approved"),
} as const satisfies Record<string, Text>;

export const CHANGES = {
  "move-room": text("调整系统所在节点", "Move a room to a node"),
  "let-node-leave": text("节点退出", "Let a node leave"),
  "merge-authorities": text("机构合并", "Merge two authorities"),
  "renumber-division": text("行政区划代码变更", "Renumber a division"),
  "strike-certificate": text("除去节点证书", "Strike a certificate of a node"),
  "change-addresses": text("变更节点地址", "Change the addresses of a node"),
} as const satisfies Record<string, Text>;

export const keysOf = <T extends object>(options: T) =>
  Object.keys(options) as [keyof T & string, ...(keyof T & string)[]];
export const Code = z
  .string()
  .max(CODE_LENGTH_MAX)
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
export const Room = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);
export const SixDigits = z.string().regex(/^\d{6}$/);
export const Instant = z.iso.datetime({ offset: true });
export const Digest = z.string().regex(/^[0-9a-f]{64}$/);
export const Line = z.string().trim().min(1).max(REASON_LENGTH_MAX);
export const Note = z.string().min(1).max(NOTE_LENGTH_MAX);
export const Name = z.object({ zh: z.string().max(NAME_LENGTH_MAX), en: z.string().max(NAME_LENGTH_MAX) });
export const Keys = z.array(z.string().max(KEY_LENGTH_MAX)).min(1).max(KEYS_MAX);
export const Chain = z.string().min(1).max(CHAIN_LENGTH_MAX);

export const reason = field(Line, { title: text("理由", "Reason"), kind: "textarea" });
export const decision = field(z.enum(["approve", "refuse"]), {
  title: text("决定", "Decision"),
  kind: "radios",
  options: { approve: text("同意", "Approve"), refuse: text("不同意", "Refuse") },
});
export const node = field(Code, {
  title: text("节点代码", "Code of the node"),
  hint: text("例如 qingyuan", "For example qingyuan"),
});
export const room = field(Room, {
  title: text("系统代号", "Room"),
  hint: text("例如 population", "For example population"),
});
export const certificate = field(
  z
    .string()
    .trim()
    .toLowerCase()
    .max(FINGERPRINT_LENGTH_MAX)
    .regex(/^[0-9a-f: ]{64,100}$/),
  {
    title: text("证书指纹（SHA-256）", "Fingerprint of the certificate (SHA-256)"),
    hint: text("64 位十六进制数，见“节点”页", "64 hexadecimal digits, as the page Nodes shows them"),
  },
);
const Address = z.string().trim().max(ADDRESS_LENGTH_MAX).optional();
export const exchangeAddress = field(Address, {
  title: text("交换地址", "Address of its exchange"),
  hint: text(
    "例如 https://exchange.example:8443；不变则不填",
    "Such as https://exchange.example:8443; empty where it stays",
  ),
});
export const siteAddress = field(Address, {
  title: text("网站地址", "Address of its pages"),
  hint: text("例如 https://county.example；不变则不填", "Such as https://county.example; empty where it stays"),
});
export const division = field(SixDigits, {
  title: text("行政区划代码", "Division code"),
  hint: text("六位数字，例如 990101", "Six digits, for example 990101"),
});

export const Joining = z.object({
  digest: field(Digest, { title: text("申请摘要", "Digest of the request"), lookup: "unique" }),
  node: field(Code, { title: text("节点代码", "Code of the node"), lookup: "exact" }),
  name: field(Name, { title: text("节点名称", "Name of the node") }),
  note: field(Note, { title: text("签名的申请", "The signed request") }),
  status: field(z.enum(keysOf(JOINING_STATUSES)), {
    title: text("状态", "Status"),
    lookup: "exact",
    options: JOINING_STATUSES,
  }),
  receivedAt: field(Instant, { title: text("收到时间", "Received at") }),
  proposedBy: field(z.uuid().optional(), { title: text("核对人", "Compared by") }),
  proposedAt: field(Instant.optional(), { title: text("核对时间", "Compared at") }),
  reason: field(Line.optional(), { title: text("核对说明", "How it was compared") }),
  decidedBy: field(z.uuid().optional(), { title: text("审批人", "Decided by") }),
  decidedAt: field(Instant.optional(), { title: text("审批时间", "Decided at") }),
  decision: field(Line.optional(), { title: text("审批意见", "Reason of the decision") }),
  chain: field(Chain.optional(), { title: text("节点证书", "Certificate of the node") }),
});

export const Change = z.object({
  what: field(z.enum(keysOf(CHANGES)), { title: text("事项", "What"), lookup: "exact", options: CHANGES }),
  content: field(z.string().max(CONTENT_LENGTH_MAX), { title: text("内容", "Content") }),
  status: field(z.enum(keysOf(CHANGE_STATUSES)), {
    title: text("状态", "Status"),
    lookup: "exact",
    options: CHANGE_STATUSES,
  }),
  reason: field(Line, { title: text("理由", "Reason") }),
  /** The official, or the node that asks to leave. */
  proposedBy: field(z.string().max(CODE_LENGTH_MAX), { title: text("申请人", "Proposed by") }),
  proposedAt: field(Instant, { title: text("申请时间", "Proposed at") }),
  decidedBy: field(z.uuid().optional(), { title: text("审批人", "Decided by") }),
  decidedAt: field(Instant.optional(), { title: text("审批时间", "Decided at") }),
  decision: field(Line.optional(), { title: text("审批意见", "Reason of the decision") }),
  version: field(z.int().min(1).optional(), { title: text("目录版本", "Version of the directory") }),
});

export const networkRegisters = {
  joining: register({
    title: text("节点加入申请", "Requests of nodes to join"),
    schema: Joining,
    subject: { kind: "none" },
    legalBasis,
    retention: "permanent",
  }),
  directoryChange: register({
    title: text("节点目录变更", "Changes of the directory of nodes"),
    schema: Change,
    subject: { kind: "none" },
    legalBasis,
    retention: "permanent",
  }),
};
