/** The part of the contract that concerns the key that signs the log's checkpoints: data only. */
import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { text } from "#lib/language/text";
import { acting, decision, decisionRefusals, Instant, looking, PROPOSALS_MAX, reason } from "./key-operations.ts";

const VerifierKey = z.string().max(4_096);

const ProposalView = z.object({
  number: z.int(),
  reason: z.string(),
  /** Absent: the operator, at the command line. */
  proposedBy: z.uuid().optional(),
  proposedAt: Instant,
  decision: z.enum(["approved", "rejected"]).optional(),
  decidedBy: z.uuid().optional(),
  decidedAt: Instant.optional(),
  decisionReason: z.string().optional(),
});

const rotating = text(
  "新密钥即将启用，请稍后刷新再看。",
  "Another key is about to follow; please look again in a moment.",
);

export const logKeyOperations = {
  logKey: query({
    unfiltered: "one",
    ...looking,
    title: text("日志密钥", "The key of the log"),
    input: z.object({}),
    output: z.object({
      /** C2SP vkey form. */
      verifierKey: VerifierKey,
      /** The first is 1. */
      generation: z.int(),
      /** From which size of the log on it signs. */
      from: z.int(),
      /** Another one follows with the next round of the log. */
      wanted: z.boolean(),
      proposals: z.array(ProposalView).max(PROPOSALS_MAX),
    }),
    refusals: {},
  }),
  proposeLogKeyChange: command({
    ...looking,
    title: text("提出更换日志密钥", "Propose that another key follows the log's"),
    input: z.object({ reason }),
    output: z.object({ number: z.int() }),
    refusals: {
      rotating,
      full: text("日志密钥代数已达上限。", "The log has had as many keys as it can have."),
      "proposed-already": text("已有待审批的更换提议。", "This is proposed already."),
    },
  }),
  decideLogKeyChange: command({
    ...acting,
    title: text("审批更换日志密钥", "Decide whether another key follows the log's"),
    input: z.object({ number: z.int().min(1).max(1_000_000_000), decision, reason }),
    output: z.object({ next: VerifierKey.optional() }),
    refusals: { ...decisionRefusals, rotating },
  }),
} as const;
