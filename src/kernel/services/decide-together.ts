import { text } from "#lib/language/text";
import { isRefusal } from "../contract/refusal.ts";
import type { Signer } from "../ports.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { digestOf, ProofUsed, signStatement } from "./statement.ts";
import { overtaken, type ReadyTask, readyTask, takeTask } from "./tasks.ts";

/** Cases in one act: each is still looked at by the person who decides. */
export const MAX_TOGETHER = 50;

/** One outcome for several ready cases. */
export interface Together {
  readonly tasks: readonly { readonly caseId: string; readonly taskId: number }[];
  readonly form: Readonly<Record<string, unknown>>;
  readonly signer: Signer;
  readonly signerName: string;
}

/**
 * Decides several cases of one item at the same step in one signed act (集中办理): all of them, or none. Each has its own record,
 * ledger entry and notice, and names the others. Only outcomes that need no reasons of their own may be decided so.
 */
export async function decideTogether(
  kernel: Kernel,
  act: Act,
  together: Together,
): Promise<{ readonly numbers: readonly string[] } | ServiceRefusal> {
  const { principal } = act;
  if (principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const ready: ReadyTask[] = [];
  // In one order, so that two officials who choose the same cases wait for each other and do not block each other.
  const chosen = [...together.tasks].sort((one, other) => (one.caseId < other.caseId ? -1 : 1));
  for (const call of chosen.slice(0, MAX_TOGETHER)) {
    const one = await readyTask(kernel, { ...act, caseId: call.caseId }, { ...call, form: together.form });
    if (isRefusal(one)) return one;
    ready.push(one);
  }
  const [first] = ready;
  if (!first || chosen.length > MAX_TOGETHER || !ready.every((one) => isAlike(one, first))) {
    return serviceRefusal("services", "outcome-barred", { reason: NOT_TOGETHER });
  }
  const numbers = ready.map(({ application }) => application.number);
  const decided = { numbers, step: first.task.element, form: first.form, at: act.at };
  const { room, service } = first.application;
  const about = {
    act: `${room}.${service}.task.${first.task.element}`,
    caseId: first.caseId,
    digest: digestOf(decided),
  };
  const words = (first.declaration.signed ?? TOGETHER)[act.language];
  const statement = await signStatement(act, { ...together, words }, about);
  const record = { together: { numbers, statement } };
  try {
    await kernel.database.transaction(
      async (transaction) => {
        for (const [index, one] of ready.entries()) {
          const step = { act: { ...act, caseId: one.caseId }, ready: one, record };
          const done = await takeTask(kernel, transaction, index === 0 ? step : { ...step, proof: "used" });
          if (!done.ok) throw new NotAll(overtaken(one, done.refusal));
        }
      },
      { retries: 0 },
    );
  } catch (error) {
    if (error instanceof NotAll || error instanceof ProofUsed) return error.refusal;
    throw error;
  }
  return { numbers };
}

const TOGETHER = text("我对所列办件一并作出以上决定。", "I decide so on each of the cases listed.");
const NOT_TOGETHER = text(
  "只能一并决定同一事项、同一环节、结论允许一并作出的办件，每次最多 50 件。",
  "Only cases of one item at the same step can be decided together, with an outcome that allows it, 50 at most.",
);

function isAlike(one: ReadyTask, first: ReadyTask): boolean {
  const { application, task, declaration, outcome } = one;
  return (
    application.room === first.application.room &&
    application.service === first.application.service &&
    task.element === first.task.element &&
    declaration.together?.includes(outcome) === true
  );
}

/** One of them could not be decided any more: none is. */
class NotAll extends Error {
  readonly refusal: ServiceRefusal;
  constructor(refusal: ServiceRefusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}
