import { implement } from "../implement.ts";
import { judgeNoticeOn } from "../network/notices.ts";

export const judgeNotice = implement("judgeNotice", async (ctx, { note }) => {
  const judged = await judgeNoticeOn(ctx, note);
  if ("code" in judged) return ctx.refuse(judged.code, "node" in judged ? { node: judged.node } : {});
  const { what } = judged.notice;
  // Judged before anything is issued: for these nothing is.
  if (what === "cosigning" || what === "message" || what === "log-key") return ctx.refuse("notice-wrong");
  return { node: judged.entry.code, what };
});
