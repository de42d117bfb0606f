import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, defineContract, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { OUTCOMES } from "#lib/ferry/receipt";
import { text } from "#lib/language/text";
import { CLASSIFICATIONS, ZONES } from "./crossing.ts";

/** The right to see what crossed and what waits. */
export const LOOK = "network.look";
/** The right to gather what is to cross, and to propose it. */
export const CARRY = "network.carry";
/** The right to release what another proposed. */
export const RELEASE = "network.release";

const TITLE_LENGTH_MAX = 200;
const REASON_LENGTH_MAX = 500;
export const CARD_LENGTH_MAX = 60_000;
export const LIST_LENGTH = 50;
export const ITEMS_MAX = 200;
/** Base64 of 32 MiB. */
const CONTENT_LENGTH_MAX = 44_739_244;
const RECEIPT_LENGTH_MAX = 4_096;
const MANIFEST_LENGTH_MAX = 4 * 1024 * 1024;

/** 保守国家秘密法 (2024 revision). */
const SECRECY_LAW = text("保守国家秘密法", "Law on Guarding State Secrets");
const legalBasis = [cite(SECRECY_LAW, "第三十条")];

const Id = z.uuid();
const NodeCode = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Instant = z.iso.datetime({ offset: true });
const Key = z.object({ id: Id });
const ZoneName = z.enum(["internet", "extranet", "intranet"]);
export const Classification = z.enum(["public", "internal", "work-secret"]);
const Line = z.string().trim().min(1).max(REASON_LENGTH_MAX);
const Outcome = z.enum(OUTCOMES);

/** A call that is done where it arrives: an operation whose contract lets it cross. */
export const CallTarget = z.strictObject({
  room: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  operation: z.string().regex(/^[a-z][A-Za-z0-9]{0,59}$/),
  /** Of the contract, its major version. */
  version: z.int().min(1).max(999),
});

const ItemView = z.object({
  place: z.int(),
  kind: z.enum(["document", "call"]),
  title: z.string().min(1).max(TITLE_LENGTH_MAX),
  classification: Classification,
  mediaType: z.string().max(120),
  digest: Digest,
  bytes: z.int(),
  target: CallTarget.optional(),
});
const PartnerView = z.object({
  id: Id,
  node: NodeCode,
  name: z.string(),
  zone: ZoneName,
  fingerprint: Digest,
  outward: z.boolean(),
  reason: z.string(),
  state: z.enum(["proposed", "confirmed", "refused", "ended"]),
  proposedBy: Id,
  proposedAt: Instant,
  decidedBy: Id.optional(),
  sent: z.int(),
  received: z.int(),
});
const PackageView = z.object({
  id: Id,
  partner: Id,
  node: NodeCode,
  purpose: z.string(),
  legalBasis: z.string(),
  state: z.enum(["draft", "proposed", "released", "exported", "answered", "refused"]),
  madeBy: Id,
  madeAt: Instant,
  digest: Digest.optional(),
  proposedBy: Id.optional(),
  releasedBy: Id.optional(),
  decisionReason: z.string().optional(),
  sequence: z.int().optional(),
  outcome: Outcome.optional(),
  items: z.array(ItemView),
});
const ArrivalView = z.object({
  id: Id,
  package: Id,
  from: NodeCode,
  sequence: z.int(),
  outcome: Outcome,
  arrivedAt: Instant,
  digest: Digest.optional(),
  receiptAskedBy: Id.optional(),
  receiptReleasedBy: Id.optional(),
  /** Where it was released. */
  receipt: z.string().optional(),
  items: z.array(ItemView.extend({ outcome: z.string().optional() })),
});

const card = field(z.string().trim().min(2).max(CARD_LENGTH_MAX), {
  title: text("对方节点的摆渡卡", "Card of the other node"),
  hint: text("由对方节点导出的文本", "The text that the other node exported"),
  kind: "textarea",
});
const outward = field(z.boolean().default(false), {
  title: text("允许向较低保护区域传出", "Allow what leaves for a less protected zone"),
  hint: text("默认不允许；须在理由中说明依据", "Off by default; say in the reason on what ground"),
  kind: "boolean",
});
const reason = field(Line, { title: text("理由", "Reason"), kind: "textarea" });
const classification = field(Classification, {
  title: text("密级标识", "Classification"),
  kind: "radios",
  options: CLASSIFICATIONS,
});
const title = field(z.string().trim().min(1).max(TITLE_LENGTH_MAX), { title: text("名称", "Title") });

const carrying = { audience: ["official"], duty: CARRY, legalBasis } as const;
const looking = { audience: ["official", "node"], duty: LOOK, legalBasis } as const;
const releasing = { audience: ["official"], duty: RELEASE, legalBasis, assurance: { level: 2 } } as const;
const byMachine = { audience: ["node"], legalBasis } as const;

const notFound = text("没有这一项。", "There is no such thing.");
const asOfficial = text("须由在岗的工作人员办理。", "This is for an official at a post.");
const own = text("这是您本人提出的，须由另一名工作人员办理。", "You proposed this yourself; another official decides.");
const secret = text(
  "标有国家秘密（秘密、机密、绝密）的内容，本系统不受理。",
  "Whatever is marked as a state secret has no place in this system.",
);
const direction = text(
  "不允许向{zone}传出；如确有依据，请先办理对方节点的传出许可。",
  "Nothing may leave for the zone {zone}; where there is ground for it, have it allowed for that node first.",
);
const classified = text(
  "“{title}”的密级标识不允许这样传送。",
  "“{title}” may not cross there with its classification.",
);
const otherState = text("当前状态下不能这样办理，请刷新后再看。", "It is in another state by now; please look again.");

export const network = defineContract({
  id: "network",
  version: "1.0",
  title: text("网络与摆渡", "Network"),
  steward: text("网络安全主管部门", "Office in charge of network security"),
  ofEveryNode: true,
  registers: {},
  operations: {
    ownCard: query({
      ...looking,
      title: text("本节点的摆渡卡", "This node's card"),
      input: z.object({}),
      output: z.object({ card: z.string(), fingerprint: Digest, zone: ZoneName }),
      refusals: { "no-card": text("本节点尚未开通摆渡。", "This node has no keys for the ferry yet.") },
    }),
    openFerry: command({
      ...byMachine,
      title: text("开通摆渡", "Make the keys for the ferry"),
      input: z.object({}),
      output: z.object({ fingerprint: Digest }),
      refusals: {},
    }),
    proposePartner: command({
      ...carrying,
      title: text("登记对方节点", "Propose a node on the other side"),
      input: z.object({ card, outward, reason }),
      output: Key.extend({ fingerprint: Digest }),
      refusals: {
        "card-unreadable": text("摆渡卡无法识读，请完整复制。", "The card cannot be read; please copy all of it."),
        "same-zone": text(
          "对方与本节点同在一个区域，可直接交换，不需要摆渡。",
          "That node is in this zone: it is reached over the network, without a ferry.",
        ),
        "no-post": asOfficial,
      },
    }),
    decidePartner: command({
      ...releasing,
      title: text("确认对方节点", "Confirm a node on the other side"),
      input: z.object({
        id: Id,
        decision: field(z.enum(["confirmed", "refused"]), {
          title: text("决定", "Decision"),
          kind: "radios",
          options: {
            confirmed: text("指纹核对一致，确认", "The fingerprint is the same: confirm"),
            refused: text("不予确认", "Refuse"),
          },
        }),
      }),
      output: Key,
      refusals: { "not-found": notFound, own, "other-state": otherState, "no-post": asOfficial },
    }),
    endPartner: command({
      ...releasing,
      title: text("停用对方节点", "End a node on the other side"),
      input: Key,
      output: Key,
      refusals: { "not-found": notFound, "other-state": otherState, "no-post": asOfficial },
    }),
    listPartners: query({
      unfiltered: "arrangement",
      ...looking,
      title: text("对方节点", "Nodes on the other side"),
      input: z.object({}),
      output: z.object({ items: z.array(PartnerView) }),
      refusals: {},
    }),
    beginPackage: command({
      ...carrying,
      title: text("新建摆渡包", "Begin a package"),
      input: z.object({
        partner: field(Id, { title: text("送往", "To") }),
        purpose: field(Line, { title: text("用途", "Purpose") }),
        legalBasis: field(Line, { title: text("依据", "Legal basis") }),
      }),
      output: Key,
      refusals: { "not-found": notFound, direction, "no-post": asOfficial },
    }),
    addDocument: command({
      ...carrying,
      title: text("添加文件", "Add a document"),
      input: z.object({
        package: Id,
        title,
        classification,
        name: z.string().trim().min(1).max(TITLE_LENGTH_MAX),
        mediaType: z.string().regex(/^[a-z]+\/[a-z0-9.+-]{1,100}$/),
        /** Base64. */
        content: z.base64().min(1).max(CONTENT_LENGTH_MAX),
      }),
      output: Key.extend({ place: z.int() }),
      refusals: {
        "not-found": notFound,
        secret,
        classified,
        full: text("一个包最多 {most} 项。", "A package holds {most} items at the most."),
        "other-state": otherState,
      },
    }),
    /** For rooms and officials: something that is done on the other side. */
    addCall: command({
      title: text("添加办理请求", "Add a call"),
      audience: ["official", "node"],
      duty: CARRY,
      legalBasis,
      input: z.object({ package: Id, title, target: CallTarget, input: z.json() }),
      output: Key.extend({ place: z.int() }),
      refusals: {
        "not-found": notFound,
        "may-not-cross": text(
          "契约没有允许这项办理由摆渡传送。",
          "The contract does not let this operation cross in that direction.",
        ),
        secret,
        classified,
        full: text("一个包最多 {most} 项。", "A package holds {most} items at the most."),
        "other-state": otherState,
      },
    }),
    dropItem: command({
      ...carrying,
      title: text("移除一项", "Take an item out"),
      input: z.object({ package: Id, place: z.int().min(0).max(ITEMS_MAX) }),
      output: Key,
      refusals: { "not-found": notFound, "other-state": otherState },
    }),
    proposePackage: command({
      ...carrying,
      title: text("提请放行", "Propose a package for release"),
      assurance: { level: 2 },
      input: Key,
      output: Key.extend({ digest: Digest }),
      refusals: {
        "not-found": notFound,
        empty: text("包内没有内容。", "There is nothing in it."),
        "other-state": otherState,
        "no-post": asOfficial,
      },
    }),
    decidePackage: command({
      ...releasing,
      title: text("放行摆渡包", "Release a package"),
      input: z.object({
        id: Id,
        decision: field(z.enum(["released", "refused"]), {
          title: text("决定", "Decision"),
          kind: "radios",
          options: {
            released: text("已逐项审查，放行", "Each item was reviewed: release"),
            refused: text("不予放行", "Refuse"),
          },
        }),
        reason: field(Line.optional(), { title: text("意见", "Remark"), kind: "textarea" }),
      }),
      output: Key.extend({ sequence: z.int().optional() }),
      refusals: {
        "not-found": notFound,
        own,
        "other-state": otherState,
        "no-post": asOfficial,
        direction,
        "reason-missing": text("不予放行的，请说明理由。", "Say why it is refused."),
      },
    }),
    recordExport: command({
      ...byMachine,
      title: text("记录导出", "Record that a package was put on media"),
      input: Key,
      output: z.object({
        from: NodeCode,
        to: NodeCode,
        sequence: z.int(),
        card: z.string(),
        manifest: z.string(),
        releases: z.array(z.string()),
        items: z.array(ItemView),
      }),
      refusals: { "not-found": notFound, "other-state": otherState },
    }),
    takeReceipt: command({
      ...carrying,
      title: text("登记回执", "Take a receipt"),
      audience: ["official", "node"],
      input: z.object({
        partner: field(Id, { title: text("对方节点", "From") }),
        receipt: field(z.string().trim().min(10).max(RECEIPT_LENGTH_MAX), {
          title: text("回执", "Receipt"),
          hint: text("以 ZTF1 开头的全部行", "All lines, beginning with ZTF1"),
          kind: "textarea",
        }),
      }),
      output: Key.extend({ outcome: Outcome, sequence: z.int() }),
      refusals: {
        "not-found": notFound,
        mistyped: text(
          "第 {line} 行有误，请核对后重新录入。",
          "Line {line} was mistyped; please compare and type it again.",
        ),
        unreadable: text("回执无法识读，请完整录入。", "The receipt cannot be read; please type all of it."),
        forged: text("回执的签名不是对方节点的。", "The receipt was not signed by that node."),
        unknown: text("回执所指的包不是本节点发出的。", "The receipt is not for a package of this node."),
      },
    }),
    /** Of what the other side will not take as it is: its number goes to those behind it, which are released anew. */
    giveUpPackage: command({
      ...releasing,
      title: text("放弃被拒收的包", "Give up a package that was refused there"),
      input: Key,
      /** How many wait to be released again. */
      output: Key.extend({ again: z.int() }),
      refusals: { "not-found": notFound, "other-state": otherState, "no-post": asOfficial },
    }),
    listPackages: query({
      lists: { rows: { node: "text", state: "text", secret: "boolean" } },
      ...looking,
      title: text("摆渡包", "Packages"),
      input: z.object({ after: Id.optional() }),
      output: z.object({ items: z.array(PackageView.omit({ items: true })), next: Id.optional() }),
      refusals: {},
    }),
    findPackage: query({
      unfiltered: "one",
      ...looking,
      title: text("查看摆渡包", "Find a package"),
      input: Key,
      output: PackageView,
      refusals: { "not-found": notFound },
    }),
    /** What the command that reads media found, before anything is kept: how the sender is known, and what is expected of it. */
    senderOf: query({
      ...byMachine,
      title: text("核对来包", "Look a sender up"),
      input: z.object({ from: NodeCode }),
      output: z.object({
        card: z.string(),
        zone: ZoneName,
        outward: z.boolean(),
        received: z.int(),
        receivedDigest: Digest.optional(),
      }),
      refusals: { "not-found": notFound },
    }),
    recordArrival: command({
      ...byMachine,
      title: text("记录来包", "Record what arrived"),
      input: z.object({
        package: Id,
        from: NodeCode,
        sequence: z.int().min(0),
        outcome: Outcome,
        manifest: z.string().max(MANIFEST_LENGTH_MAX).optional(),
        digest: Digest.optional(),
        items: z.array(ItemView).max(ITEMS_MAX),
      }),
      output: Key.extend({ outcome: Outcome }),
      refusals: {},
    }),
    recordCall: command({
      ...byMachine,
      title: text("记录办理结果", "Record what became of a call"),
      input: z.object({ arrival: Id, place: z.int().min(0), outcome: z.string().min(1).max(100) }),
      output: Key,
      refusals: { "not-found": notFound },
    }),
    releaseReceipt: command({
      ...releasing,
      title: text("放行回执", "Release a receipt"),
      input: Key,
      /** Absent where a second official must release it. */
      output: Key.extend({ receipt: z.string().optional() }),
      refusals: { "not-found": notFound, own, "no-post": asOfficial },
    }),
    listArrivals: query({
      lists: { rows: { node: "text", outcome: "text" } },
      ...looking,
      title: text("来包", "Arrivals"),
      input: z.object({ after: Id.optional() }),
      output: z.object({ items: z.array(ArrivalView.omit({ items: true })), next: Id.optional() }),
      refusals: {},
    }),
    findArrival: query({
      unfiltered: "one",
      ...looking,
      title: text("查看来包", "Find an arrival"),
      input: Key,
      output: ArrivalView,
      refusals: { "not-found": notFound },
    }),
    /** For whoever reviews a package before its release: what stands in a document, or is asked by a call. */
    readItem: query({
      ...looking,
      title: text("打开待送内容", "Read what is to go out"),
      input: z.object({ package: Id, place: z.int().min(0) }),
      output: z.object({ title: z.string(), mediaType: z.string(), content: z.base64() }),
      refusals: { "not-found": notFound },
    }),
    readArrivedDocument: query({
      ...looking,
      title: text("打开来件", "Read a document that arrived"),
      input: z.object({ arrival: Id, place: z.int().min(0) }),
      output: z.object({ title: z.string(), mediaType: z.string(), content: z.base64() }),
      refusals: { "not-found": notFound },
    }),
  },
});

/** The zones by name, for pages. */
export { ZONES };
