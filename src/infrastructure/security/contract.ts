import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, defineContract, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

/** 网络安全法 (2016, amended 2025): graded protection, internal security rules, who is responsible. */
const CYBERSECURITY_LAW = text("网络安全法", "Cybersecurity Law");
/** GB/T 22239-2019 信息安全技术 网络安全等级保护基本要求, level 3. */
const GRADED_PROTECTION = text(
  "GB/T 22239-2019 网络安全等级保护基本要求",
  "GB/T 22239-2019, baseline for graded protection",
);

/** The duty to propose changes of who may do what. */
export const PROPOSE = "security.propose";
/** The duty to approve what another proposed. */
export const APPROVE = "security.approve";

export const SOURCE_LENGTH_MAX = 4_000;
export const REASON_LENGTH_MAX = 500;
export const WORDS_LENGTH_MAX = 200;
export const WORK_NAME_LENGTH_MAX = 120;
/** Duties and actions on one side of a rule of separation. */
export const SIDE_MAX = 20;
/** Changes in one answer. */
export const LIST_LENGTH = 50;
/** Lines of an effect that one answer has; the rest is counted. */
export const EFFECT_LINES_MAX = 300;

const LEVELS = {
  authority: text("本机关岗位", "Posts of this authority"),
  superior: text("下级机关岗位（只能禁止）", "Posts of all authorities below (forbids alone)"),
} as const;
export const HOW = {
  gained: text("新增：原来不能办理，变更后可能办理", "Gained: it could not, then it may"),
  lost: text("取消：原来可能办理，变更后不能", "Lost: it may now, then never"),
  narrower: text("收窄：条件更严", "Narrower: under stricter conditions"),
  wider: text("放宽：条件更宽", "Wider: under wider conditions"),
  otherwise: text("条件改变", "Under other conditions"),
} as const;

const Id = z.uuid();
const ChangeNumber = field(z.int().min(1).max(999_999_999), { title: text("变更编号", "Number of the change") });
const Instant = z.iso.datetime();
const Words = z.object({
  zh: z.string().trim().min(1).max(WORDS_LENGTH_MAX),
  en: z.string().trim().min(1).max(WORDS_LENGTH_MAX),
});
const Level = field(z.enum(["authority", "superior"]), {
  title: text("对象", "Whom it reaches"),
  kind: "radios",
  options: LEVELS,
});
const Source = field(z.string().trim().min(1).max(SOURCE_LENGTH_MAX), {
  title: text("策略（Cedar）", "Policy (Cedar)"),
  kind: "textarea",
});
const Reason = field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
  title: text("理由", "Reason"),
  kind: "textarea",
});
const EffectiveAt = field(Instant.optional(), { title: text("生效时间", "In force from") });
const Ends = field(z.int().min(1).max(999_999_999).optional(), {
  title: text("同时终止的变更编号", "Number of the change that it ends"),
});
const Side = z.array(z.string().trim().min(1).max(WORK_NAME_LENGTH_MAX)).min(1).max(SIDE_MAX);

const Line = z.object({
  post: Id,
  postTitle: Words,
  authorityName: Words,
  action: z.string(),
  actionTitle: Words,
  how: z.enum(["gained", "lost", "narrower", "wider", "otherwise"]),
  policies: z.array(z.string()),
});
const Conflict = z.object({
  rule: z.string(),
  words: Words,
  post: Id,
  postTitle: Words,
  authorityName: Words,
  /** An action or a duty on each side, and the policies that would allow it. */
  one: z.string(),
  other: z.string(),
  policies: z.array(z.string()),
});
const Effect = z.object({
  /** When it would begin. */
  from: Instant,
  lines: z.array(Line),
  /** Further lines that are not listed. */
  more: z.int(),
  conflicts: z.array(Conflict),
  /** Why it cannot be proposed as it is; empty where nothing is wrong with its form. */
  problems: z.array(Words),
});

const ChangeView = z.object({
  number: z.int(),
  level: z.enum(["authority", "superior"]),
  authority: Id,
  content: z.union([
    z.object({ kind: z.literal("policy"), source: z.string(), words: Words }),
    z.object({ kind: z.literal("separation"), words: Words, one: z.array(z.string()), other: z.array(z.string()) }),
    z.object({ kind: z.literal("end") }),
  ]),
  digest: z.string(),
  ends: z.int().optional(),
  reason: z.string(),
  effectiveAt: z.string().optional(),
  proposedBy: Id,
  proposedAt: z.string(),
  state: z.enum(["proposed", "rejected", "withdrawn", "approved", "in-force", "ended"]),
  decidedBy: Id.optional(),
  decidedAt: z.string().optional(),
  decisionReason: z.string().optional(),
  inForceFrom: z.string().optional(),
  withdrawnBy: Id.optional(),
  withdrawnAt: z.string().optional(),
  withdrawalReason: z.string().optional(),
});

const legalBasis = [cite(CYBERSECURITY_LAW, "第二十三条"), cite(GRADED_PROTECTION, "8.1.4.2")];
const asOfficial = text("权限变更须由在岗的工作人员提出。", "Changes of rights are made by an official at a post.");
const notFound = text("没有这项变更，或不属于本机关。", "There is no such change, or it is another authority's.");
const conflicting = text("违反岗位分离，未能受理：{conflict}", "This would break the separation of duties: {conflict}");
const unfit = text("策略不能采用：{problem}", "The policy cannot be taken: {problem}");
const lockedOut = text(
  "变更后，“{authority}”将没有岗位能提出或审批权限变更，无法再更正。请缩小范围。",
  "After this, no post of “{authority}” could propose or approve changes, and nothing could be put right. Please make it narrower.",
);
const past = text(
  "生效时间已过，请改为将来的时间，或留空（审批后立即生效）。",
  "This time has passed; give one to come, or none (at once when approved).",
);
const noneToEnd = text(
  "要终止的变更不在执行中，或不属于本机关。",
  "What it would end is not in force, or is another authority's.",
);
const full = text(
  "变更数量已达上限，请与系统运维人员联系。",
  "There are too many changes; please ask whoever runs the node.",
);

const proposing = { audience: ["official"], duty: PROPOSE, legalBasis } as const;
const looking = { audience: ["official", "node"], duty: PROPOSE, legalBasis } as const;
const proposed = z.object({ number: z.int() });

/** 权限管理: who may do what beyond the contracts, proposed by one administrator and approved by another. */
export const security = defineContract({
  id: "security",
  version: "1.0",
  title: text("权限管理", "Rights"),
  steward: text("网络安全主管部门", "Office in charge of network security"),
  ofEveryNode: true,
  registers: {},
  operations: {
    proposePolicy: command({
      ...proposing,
      title: text("提出策略", "Propose a policy"),
      input: z.object({ level: Level, source: Source, ends: Ends, effectiveAt: EffectiveAt, reason: Reason }),
      output: proposed,
      refusals: {
        "no-post": asOfficial,
        unfit,
        conflicting,
        "locks-out": lockedOut,
        past,
        "none-to-end": noneToEnd,
        full,
      },
    }),
    proposeSeparation: command({
      ...proposing,
      title: text("提出岗位分离规则", "Propose a rule of separation"),
      input: z.object({
        one: Side,
        other: Side,
        words: Words,
        ends: Ends,
        effectiveAt: EffectiveAt,
        reason: Reason,
      }),
      output: proposed,
      refusals: {
        "no-post": asOfficial,
        "unknown-work": text("没有这项职责或操作：{name}", "There is no such duty or action: {name}"),
        conflicting,
        past,
        "none-to-end": noneToEnd,
        full,
      },
    }),
    proposeEnd: command({
      ...proposing,
      title: text("提出终止变更", "Propose to end a change"),
      input: z.object({ number: ChangeNumber, effectiveAt: EffectiveAt, reason: Reason }),
      output: proposed,
      refusals: { "no-post": asOfficial, conflicting, "locks-out": lockedOut, past, "none-to-end": noneToEnd, full },
    }),
    withdrawChange: command({
      ...proposing,
      title: text("撤回变更", "Withdraw a change"),
      input: z.object({ number: ChangeNumber, reason: Reason }),
      output: z.object({}),
      refusals: {
        "no-post": asOfficial,
        "not-found": notFound,
        "too-late": text(
          "已生效、已驳回或已撤回的变更不能撤回；已生效的，请提出终止。",
          "What is in force, rejected or withdrawn cannot be withdrawn; what is in force can be ended by another change.",
        ),
      },
    }),
    decideChange: command({
      audience: ["official"],
      duty: APPROVE,
      legalBasis,
      title: text("审批变更", "Decide on a change"),
      input: z.object({
        number: ChangeNumber,
        decision: field(z.enum(["approved", "rejected"]), {
          title: text("决定", "Decision"),
          kind: "radios",
          options: { approved: text("同意", "Approve"), rejected: text("驳回", "Reject") },
        }),
        reason: Reason,
      }),
      output: z.object({ inForceFrom: z.string().optional() }),
      refusals: {
        "no-post": asOfficial,
        "not-found": notFound,
        "own-proposal": text(
          "不能审批自己提出的变更，须由另一名管理人员审批。",
          "Nobody approves his own proposal; another administrator decides on it.",
        ),
        decided: text("此变更已有决定，或已撤回。", "It is decided already, or was withdrawn."),
        conflicting,
        "locks-out": lockedOut,
        "none-to-end": noneToEnd,
      },
    }),
    previewChange: query({
      unfiltered: "one",
      ...looking,
      title: text("查看变更的效果", "See what a change would do"),
      input: z.object({
        level: z.enum(["authority", "superior"]),
        authority: Id,
        source: z.string().trim().max(SOURCE_LENGTH_MAX).optional(),
        ends: z.int().min(1).max(999_999_999).optional(),
        effectiveAt: Instant.optional(),
      }),
      output: Effect,
      refusals: {},
    }),
    effectOf: query({
      unfiltered: "one",
      ...looking,
      title: text("查看一项变更的效果", "See what a proposed change would do"),
      input: z.object({ number: z.int().min(1).max(999_999_999) }),
      output: Effect,
      refusals: { "not-found": notFound },
    }),
    findChange: query({
      unfiltered: "one",
      ...looking,
      title: text("查询变更", "Find a change"),
      input: z.object({ number: z.int().min(1).max(999_999_999) }),
      output: ChangeView,
      refusals: { "not-found": notFound },
    }),
    listChanges: query({
      lists: { rows: { level: "text", authority: "text", kind: "text" } },
      ...looking,
      title: text("变更清单", "Changes"),
      input: z.object({ authority: Id.optional(), before: z.int().min(1).max(1_000_000_000).optional() }),
      output: z.object({ items: z.array(ChangeView), next: z.int().optional() }),
      refusals: {},
    }),
  },
});
