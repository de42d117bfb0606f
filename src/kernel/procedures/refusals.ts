import { type Text, text } from "#lib/language/text";
import type { ProcedureRefusal, Refused } from "./changes.ts";

/** What each refusal says to the person who meets it. */
export const PROCEDURE_REFUSALS: Readonly<Record<ProcedureRefusal, Text>> = {
  "case-unknown": text("没有这个办件。", "There is no such case."),
  "case-closed": text("该办件已办结，不能再操作。", "This case has ended; nothing more can be done in it."),
  "task-unknown": text("没有这项待办。", "There is no such task."),
  "task-closed": text(
    "这项待办已由他人办结，请刷新查看结果。",
    "Someone has already completed this task; reload to see the result.",
  ),
  "task-claimed": text("这项待办已由他人领取。", "Someone else has taken this task."),
  "task-barred": text(
    "您办理过本件中须由他人办理的环节，这一环节应由其他人员办理。",
    "You did a part of this case that excludes you from this one; another official must do it.",
  ),
  "not-waiting": text("办件目前不在等待这一事项。", "The case is not waiting for this now."),
  stale: text(
    "办件情况已有变化，请刷新后重新确认。",
    "The case has changed since you opened it; reload and check again.",
  ),
  "clock-unknown": text("办件没有这项期限。", "The case has no such time limit."),
  "clock-state": text("期限目前的状态不允许这样做。", "The time limit is not in a state that allows this."),
};

export function refused(
  refusal: ProcedureRefusal,
  first: { readonly by?: string | undefined; readonly at?: string | undefined } = {},
): Refused {
  return {
    ok: false,
    refusal,
    message: PROCEDURE_REFUSALS[refusal],
    ...(first.by === undefined ? {} : { by: first.by }),
    ...(first.at === undefined ? {} : { at: first.at }),
  };
}
