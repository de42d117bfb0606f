import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command } from "#kernel/contract/contract";
import { text } from "#lib/language/text";
import { LetterShape } from "./letters/letter.ts";

/** 政务数据共享条例 (2025, State Council decree 809). */
const DATA_SHARING = text("政务数据共享条例", "Regulations on Government Data Sharing");

/** Calls and answers that come by other nodes, as the event rooms hand them over. */
export const letterOperations = {
  takeLetter: command({
    title: text("收取经由其他节点转来的调用", "Take a call that came by other nodes"),
    audience: ["node"],
    input: z.object({ id: z.uuid(), data: LetterShape }),
    output: z.object({}),
    refusals: {
      "not-genuine": text(
        "不是写给本节点的，或署名节点未签署。",
        "It is not for this node, or its node did not sign it.",
      ),
    },
    legalBasis: [cite(DATA_SHARING, "第四条")],
  }),
};
