import { isRefusal } from "../contract/refusal.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { caseEntry } from "./case-entry.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { openTaskFor } from "./tasks.ts";

interface Claim {
  readonly caseId: string;
  readonly taskId: number;
}

/** An official takes a task in hand: others of the same post are no longer offered it. */
export function claimTask(kernel: Kernel, act: Act, claim: Claim): Promise<Claim | ServiceRefusal> {
  return hold(kernel, act, claim, "claim");
}

/** An official gives a task back to the post. */
export function releaseTask(kernel: Kernel, act: Act, claim: Claim): Promise<Claim | ServiceRefusal> {
  return hold(kernel, act, claim, "release");
}

async function hold(
  kernel: Kernel,
  act: Act,
  { caseId, taskId }: Claim,
  step: "claim" | "release",
): Promise<Claim | ServiceRefusal> {
  const open = await openTaskFor(kernel, act, { caseId, taskId });
  if (isRefusal(open)) return open;
  const done = await kernel.database.transaction(async (transaction) => {
    const answer = await kernel.procedures[step](transaction, { caseId, taskId, by: open.officialId, at: act.at });
    if (!answer.ok) return answer;
    await kernel.ledger.append(transaction, [
      caseEntry(act, open.application, {
        type: "act",
        step: `task.${open.task.element}`,
        outcome: step === "claim" ? "claimed" : "released",
        policies: open.policies,
      }),
    ]);
    return answer;
  });
  return done.ok ? { caseId, taskId } : serviceRefusal(open.application.room, "task-gone");
}
