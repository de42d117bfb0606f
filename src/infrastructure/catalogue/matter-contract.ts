import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { MatterNumber } from "./entry-contract.ts";
import { KINDS } from "./machines.ts";
import { catalogueLaw, READ, WORDS_LENGTH_MAX } from "./terms.ts";

export const KIND_WORDS = {
  request: text("共享申请", "Request"),
  grant: text("共享授权", "Grant"),
  correction: text("校核", "Correction"),
  dispute: text("争议", "Dispute"),
} as const;

export const STATE_WORDS = {
  submitted: text("待答复", "Waits for its answer"),
  incomplete: text("待补正", "To be completed"),
  consented: text("已同意", "Consented"),
  refused: text("已拒绝", "Refused"),
  withdrawn: text("已撤回", "Withdrawn"),
  active: text("有效", "In force"),
  suspended: text("已暂停", "Suspended"),
  ending: text("拟终止，协商中", "To be ended: negotiation"),
  "ending-suspended": text("已暂停，拟终止，协商中", "Suspended, to be ended: negotiation"),
  answered: text("拟终止，已协商", "To be ended: negotiated"),
  "answered-suspended": text("已暂停，拟终止，已协商", "Suspended, to be ended: negotiated"),
  ended: text("已终止", "Ended"),
  expired: text("已到期", "Expired"),
  filed: text("待核实", "To be checked"),
  corrected: text("已更正", "Corrected"),
  upheld: text("核实无误", "Upheld"),
  negotiating: text("协商中", "Negotiation"),
  coordinating: text("主管部门协调中", "Coordination"),
  coordinated: text("主管部门已提出意见", "Coordinated"),
  "half-accepted": text("一方已接受协调意见", "One side accepted the coordination"),
  "before-government": text("报人民政府决定", "Before the government"),
  settled: text("已达成一致", "Settled"),
  decided: text("已决定", "Decided"),
} as const;

export const STEP_WORDS = {
  submit: text("提出申请", "Asked"),
  "ask-completion": text("一次性告知补正", "One-time list of what is missing"),
  complete: text("补正", "Completed"),
  "ask-extension": text("申请延期答复", "Asked for more days"),
  "grant-extension": text("同意延期", "More days granted"),
  "decline-extension": text("不同意延期", "More days declined"),
  consent: text("同意共享", "Consented"),
  refuse: text("不同意共享", "Refused"),
  withdraw: text("撤回", "Withdrawn"),
  reopen: text("重新答复", "Reopened"),
  open: text("授权生效", "In force"),
  "confirm-flow": text("确认数据已提供", "Data flow confirmed"),
  suspend: text("暂停（违规使用）", "Suspended (misuse)"),
  resume: text("恢复", "Resumed"),
  "propose-end": text("提出终止", "End proposed"),
  "answer-end": text("答复终止意见", "Answered the proposed end"),
  "file-end": text("报备并终止", "Filed and ended"),
  "file-end-unanswered": text("逾期未答复，报备并终止", "Filed and ended without an answer"),
  keep: text("不再终止", "Kept in force"),
  "give-up": text("放弃使用", "Given up"),
  expire: text("到期", "Expired"),
  file: text("提出校核", "Filed"),
  correct: text("更正", "Corrected"),
  uphold: text("维持", "Upheld"),
  raise: text("提出争议", "Raised"),
  "offer-settlement": text("提出协商方案", "Offered a settlement"),
  "accept-settlement": text("接受协商方案", "Accepted the settlement"),
  refer: text("提请协调", "Referred to the authority in charge"),
  coordinate: text("提出协调意见", "Coordinated"),
  "accept-coordination": text("接受协调意见", "Accepted the coordination"),
  "join-acceptance": text("接受协调意见，达成一致", "Accepted the coordination as well"),
  appeal: text("提请人民政府决定", "Referred to the government"),
  "appeal-silence": text("协调逾期，提请人民政府决定", "Referred to the government after silence"),
  decide: text("决定", "Decided"),
} as const;

export const Words = field(z.string().trim().min(1).max(WORDS_LENGTH_MAX), {
  title: text("说明和理由", "Words and reasons"),
  kind: "textarea",
});

/** Refusals of each step; a room's operation adds its own. */
export const stepRefusals = {
  "no-post": text("须由在岗的工作人员办理。", "This is done by an official at a post."),
  "not-found": text(
    "没有这个事项，或与本机关无关。",
    "There is no such matter, or it does not concern your authority.",
  ),
  "not-now": text(
    "事项现在的状态不能办理这一步，可能已由他人办理。请刷新后查看。",
    "This step cannot be taken in the present state; another may have acted. Please look again.",
  ),
  barred: text(
    "您已代表另一方办理过此事项，或这一步须由另一方、另一人办理。",
    "You acted for another side of this, or this step is the other side's or a second official's.",
  ),
} as const;

export const ClockView = z.object({
  clock: z.string(),
  title: z.object({ zh: z.string(), en: z.string() }),
  article: z.string(),
  unit: z.string(),
  amount: z.int(),
  startedOn: z.string(),
  stoppedOn: z.string().optional(),
  used: z.int(),
  remaining: z.int(),
  dueOn: z.string(),
  overdue: z.boolean(),
  overdueBy: z.int(),
  running: z.boolean(),
  paused: z.boolean(),
  escalatedAt: z.string().optional(),
});

const MatterLine = z.object({
  number: z.int(),
  kind: z.enum(KINDS),
  resource: z.string(),
  title: z.object({ zh: z.string(), en: z.string() }),
  provider: z.uuid(),
  consumer: z.uuid(),
  coordinator: z.uuid(),
  government: z.uuid(),
  state: z.enum(Object.keys(STATE_WORDS) as [keyof typeof STATE_WORDS]),
  /** Steps that the official who asks may take now. */
  steps: z.array(z.string()),
  openedAt: z.string(),
  /** The clock that runs, the first to run out. */
  clock: ClockView.optional(),
});

const looking = { audience: ["official"], duty: READ, legalBasis: catalogueLaw } as const;

/** Matters that one run of {@link tendOperations} takes up. */
export const TENDED_MAX = 200;

/** What follows by itself, done by the node's own job. */
export const tendOperations = {
  tendSharing: command({
    title: text("跟进共享时限", "Follow the clocks of sharing"),
    audience: ["node"],
    legalBasis: catalogueLaw,
    input: z.object({}),
    /** `more`: there is more than one run takes up. */
    output: z.object({
      escalated: z.array(z.int()),
      expired: z.array(z.int()),
      flowing: z.array(z.int()),
      more: z.boolean(),
    }),
    refusals: {},
  }),
} as const;

/** Looking at matters, for whichever side. */
export const matterOperations = {
  listMatters: query({
    lists: { rows: { kind: "text", resource: "text", state: "text", provider: "text", consumer: "text" } },
    ...looking,
    title: text("共享事项清单", "Matters of sharing"),
    input: z.object({
      kind: z.enum(KINDS).optional(),
      /** Those alone in which the official who asks can do something now. */
      mine: z.boolean().optional(),
      about: MatterNumber.optional(),
      before: z.int().min(1).max(1_000_000_000).optional(),
    }),
    output: z.object({ items: z.array(MatterLine), next: z.int().optional() }),
    refusals: { "no-post": stepRefusals["no-post"] },
  }),
  findMatter: query({
    unfiltered: "one",
    ...looking,
    title: text("查看共享事项", "See a matter of sharing"),
    input: z.object({ number: MatterNumber }),
    output: MatterLine.extend({
      root: z.int(),
      about: z.int().optional(),
      content: z.unknown(),
      clocks: z.array(ClockView),
      taken: z.array(
        z.object({
          ordinal: z.int(),
          step: z.string(),
          side: z.enum(["consumer", "provider", "coordinator", "government", "node"]),
          state: z.string(),
          words: z.string().optional(),
          detail: z.unknown().optional(),
          at: z.string(),
        }),
      ),
    }),
    refusals: { "no-post": stepRefusals["no-post"], "not-found": stepRefusals["not-found"] },
  }),
} as const;
