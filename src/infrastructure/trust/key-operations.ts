/** The part of the contract that concerns the keys with which the node seals what it keeps: data only. */
import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

/** The right to look after the keys of the node. */
export const KEEP_KEYS = "trust.keys";

/** 密码法 (2019) §27; 商用密码管理条例 (2023). */
const CRYPTOGRAPHY_LAW = text("密码法", "Cryptography Law");
export const REASON_LENGTH_MAX = 500;
export const PROPOSALS_MAX = 50;

const KeyId = z.string().regex(/^k[0-9a-f]{12}$/);
export const Instant = z.iso.datetime({ offset: true });
export const KEY_STATE_WORDS = {
  "pre-active": text("待启用", "Pre-active"),
  active: text("使用中", "Active"),
  suspended: text("已暂停", "Suspended"),
  deactivated: text("已停用", "Deactivated"),
  compromised: text("已泄露", "Compromised"),
  destroyed: text("已销毁", "Destroyed"),
};
export const State = z.enum(["pre-active", "active", "suspended", "deactivated", "compromised", "destroyed"]);
const key = field(KeyId, { title: text("密钥编号", "Key") });
export const reason = field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
  title: text("理由", "Reason"),
  kind: "textarea",
});

const Kind = z.enum(["seal", "index"]);
export const DATA_KEY_KIND_WORDS = {
  seal: text("加密数据", "Seals data"),
  index: text("检索与假名", "Finds and names"),
};

const KeyView = z.object({
  id: KeyId,
  /** What it is for: to seal, or to find what is sealed, name subjects and sign forms' tokens. */
  kind: Kind,
  generation: z.int(),
  suite: z.enum(["international", "national"]),
  algorithms: z.array(z.string()).max(4),
  /** It follows from the node's key, and ends with that alone. */
  derived: z.boolean(),
  state: State,
  uses: z.array(z.enum(["protect", "process"])).max(2),
  madeAt: Instant,
  activeFrom: Instant,
  protectsUntil: Instant,
  processesUntil: Instant,
  activatedAt: Instant.optional(),
  endedAt: Instant.optional(),
  /** When nothing was sealed with it any more. */
  clearedAt: Instant.optional(),
  destroyedAt: Instant.optional(),
});

const ProposalView = z.object({
  number: z.int(),
  key: KeyId,
  to: z.enum(["compromised", "destroyed"]),
  erases: z.boolean(),
  reason: z.string(),
  proposedBy: z.uuid(),
  proposedAt: Instant,
  decision: z.enum(["approved", "rejected"]).optional(),
  decidedBy: z.uuid().optional(),
  decidedAt: Instant.optional(),
  decisionReason: z.string().optional(),
});

export const legalBasis = [cite(CRYPTOGRAPHY_LAW, "第二十七条")];
export const looking = { audience: ["official", "node"], duty: KEEP_KEYS, legalBasis } as const;
export const acting = { audience: ["official"], duty: KEEP_KEYS, legalBasis } as const;
const notFound = text("没有这把密钥，请核对编号。", "There is no such key; please check its id.");
export const notNow = text(
  "密钥当前的状态不允许这样做，请刷新后查看。",
  "The state that the key is in does not allow this; please look again.",
);

export const decision = field(z.enum(["approved", "rejected"]), {
  title: text("决定", "Decision"),
  kind: "radios",
  options: { approved: text("同意", "Approve"), rejected: text("驳回", "Reject") },
});
export const decisionRefusals = {
  "not-found": text("没有这项提议。", "There is no such proposal."),
  decided: text("这项提议已经审批。", "This was decided already."),
  "own-proposal": text(
    "提出人不能审批，请由另一岗位的另一人审批。",
    "Who proposed it does not decide; another person at another post does.",
  ),
};

export const keyOperations = {
  listDataKeys: query({
    unfiltered: "arrangement",
    ...looking,
    title: text("数据密钥", "Data keys"),
    input: z.object({}),
    output: z.object({
      keys: z.array(KeyView),
      proposals: z.array(ProposalView).max(PROPOSALS_MAX),
      /** Sealing anew, part by part: how far it is. */
      progress: z.array(
        z.object({
          name: z.string(),
          position: z.number(),
          size: z.number(),
          resealed: z.number(),
          closed: z.number(),
          finished: z.boolean(),
        }),
      ),
    }),
    refusals: {},
  }),
  dataKeyHistory: query({
    unfiltered: "one",
    ...looking,
    title: text("密钥的经历", "History of a data key"),
    input: z.object({ key }),
    output: z.object({
      items: z.array(
        z.object({
          state: State,
          at: Instant,
          byKind: z.string(),
          byId: z.string(),
          approvedBy: z.uuid().optional(),
          reason: z.string(),
        }),
      ),
    }),
    refusals: { "not-found": notFound },
  }),
  rotateDataKey: command({
    ...looking,
    title: text("轮换数据密钥", "Rotate the data key"),
    input: z.object({
      kind: field(Kind.default("seal"), {
        title: text("用途", "What it is for"),
        kind: "radios",
        options: DATA_KEY_KIND_WORDS,
      }),
      predecessorBecomes: field(z.enum(["deactivated", "suspended"]).default("deactivated"), {
        title: text("原密钥", "The key before it"),
        kind: "radios",
        options: {
          deactivated: text("停用", "is deactivated"),
          suspended: text("暂停，待查明是否泄露", "is suspended until it is known whether it was compromised"),
        },
      }),
      reason,
    }),
    output: z.object({ key: KeyId, activeFrom: Instant }),
    refusals: {
      rotating: text(
        "新密钥已生成，即将启用，不能再次轮换。",
        "A new key was made and is about to be used; it cannot be rotated again yet.",
      ),
      full: text("密钥代数已达上限。", "There are as many generations of keys as there can be."),
    },
  }),
  turnDataKeys: command({
    title: text("启用新的数据密钥", "Begin to use the new data key"),
    audience: ["node"],
    input: z.object({}),
    output: z.object({ key: KeyId.optional() }),
    refusals: {},
    legalBasis,
  }),
  noteCleared: command({
    title: text("登记旧密钥已无加密数据", "Note that nothing is sealed with old keys"),
    audience: ["node"],
    input: z.object({ under: KeyId }),
    output: z.object({ keys: z.array(KeyId) }),
    refusals: {},
    legalBasis,
  }),
  endSuspension: command({
    ...acting,
    title: text("结束密钥的暂停", "End the suspension of a key"),
    input: z.object({ key, reason }),
    output: z.object({ key: KeyId }),
    refusals: { "not-found": notFound, "not-now": notNow },
  }),
  proposeKeyEnd: command({
    ...acting,
    title: text("提出登记泄露或者销毁密钥", "Propose that a key counts as compromised, or is destroyed"),
    input: z.object({
      key,
      to: field(z.enum(["compromised", "destroyed"]), {
        title: text("处置", "What is to be done"),
        kind: "radios",
        options: {
          compromised: text("登记为已泄露", "It counts as compromised"),
          destroyed: text("销毁", "It is destroyed"),
        },
      }),
      erases: field(z.boolean().default(false), {
        title: text("仍用它加密的数据一并删除", "What is still sealed with it is erased with it"),
      }),
      reason,
    }),
    output: z.object({ number: z.int() }),
    refusals: {
      "not-found": notFound,
      "not-now": notNow,
      protects: text("这把密钥正在使用，请先轮换。", "This key is in use; please rotate it first."),
      derived: text(
        "这把密钥由节点密钥派生，只要节点密钥还在，就不能单独销毁。",
        "This key follows from the node's key and cannot be destroyed as long as that is there.",
      ),
      "still-needed": text(
        "还有数据用这把密钥加密。请等待重新加密完成，或者申明一并删除。",
        "Some things are still sealed with this key. Please wait until they are sealed anew, or say that they are erased with it.",
      ),
      "proposed-already": text("这把密钥已有待审批的事项。", "Something is proposed for this key already."),
    },
  }),
  decideKeyEnd: command({
    ...acting,
    title: text("审批密钥的处置", "Decide what becomes of a key"),
    input: z.object({
      number: z.int().min(1).max(1_000_000_000),
      decision,
      reason,
    }),
    output: z.object({ key: KeyId, state: State }),
    refusals: {
      ...decisionRefusals,
      "not-now": notNow,
      "in-use": text(
        "这把密钥刚停用，或者尚有停用前开始的业务未结束，可能还在用它加密。没有作出处置，请稍后再审批。",
        "This key ended only now, or something that began before its end is not over and may still seal with it. Nothing was done; please decide later.",
      ),
      "still-needed": text(
        "还有数据用这把密钥加密，现在不能销毁。",
        "Some things are still sealed with this key; it cannot be destroyed now.",
      ),
    },
  }),
} as const;
