import type { Sql } from "#kernel/database/sql";
import { isFault } from "#kernel/errors/fault";
import { beginFeed, sumUp } from "#kernel/feeds/begin-feed";
import { forgetChanges } from "#kernel/feeds/forget-changes";
import { givePositions } from "#kernel/feeds/give-positions";
import { addJob } from "#kernel/jobs/jobs";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { checkStep } from "./copies/check.ts";
import { bar, clearFailures, copiesInUse, leaveAlone, readCopy } from "./copies/copy.ts";
import { changesStep, describeStep, enterMarked, pageStep, type Receiving, type Step } from "./copies/receive.ts";
import { reconcileStep } from "./copies/reconcile.ts";
import { Source } from "./copies/source.ts";
import { isBarring } from "./grant-problems.ts";
import { KEEP_CHANGES_DAYS, RECONCILE_EVERY_MS, STEPS_MAX } from "./limits.ts";
import { sharingLaw } from "./terms.ts";

/** The job that keeps data sets: publications that begin, copies that follow their sources. */
export const TEND_DATASETS = "tend-datasets";

/** Has it looked at once, when what is written here commits. */
export function tendSoon(sql: Sql): Promise<void> {
  return addJob(sql, TEND_DATASETS, {}, { key: TEND_DATASETS, yields: true });
}

/**
 * Does what is due to publications and copies, one copy after the other. What fails is told and does not hold up the others.
 * @returns whether there are any, to be looked at again soon
 */
export async function tendDatasets(kernel: Kernel, onFault: (fault: unknown) => void): Promise<boolean> {
  const published = await tendPublications(kernel);
  const copies = await copiesInUse(kernel.database, kernel.now());
  for (const id of copies) {
    try {
      const trouble = await tendCopy(kernel, id);
      await (trouble === undefined
        ? clearFailures(kernel.database, id)
        : leaveAlone(kernel.database, id, kernel.now()));
    } catch (fault) {
      onFault(fault);
      await leaveAlone(kernel.database, id, kernel.now());
    }
  }
  return published + copies.length > 0;
}

/**
 * Begins feeds that are not there yet, sums up anew where that was asked for, gives positions to what waits, forgets what is old.
 * @returns how many there are
 */
export async function tendPublications(kernel: Kernel): Promise<number> {
  const due = await kernel.database.query<{ register: string; attribute: string | null; recount: boolean }>(
    "SELECT register, division_attribute AS attribute, recount_due AS recount FROM datasets.publication",
  );
  for (const { register, attribute, recount } of due) {
    const store = kernel.registers.get(register);
    if (store === undefined) continue;
    await beginFeed(kernel.database, store, { at: kernel.now(), divisionAttribute: attribute ?? undefined });
    if (!recount) continue;
    await sumUp(kernel.database, store);
    await kernel.database.execute("UPDATE datasets.publication SET recount_due = false WHERE register = $1", [
      register,
    ]);
  }
  const before = Temporal.Instant.from(kernel.now())
    .subtract({ hours: 24 * KEEP_CHANGES_DAYS })
    .toString();
  for (const { register } of due) {
    const store = kernel.registers.get(register);
    if (store === undefined) continue;
    await givePositions(kernel.database, store);
    await forgetChanges(kernel.database, store, before);
  }
  return due.length;
}

/**
 * Takes steps with one copy until nothing is to be done for now, something is in the way, or others should have their turn. One process
 * of the node at a time does.
 * @returns what was in the way: the code of a refusal
 */
export async function tendCopy(kernel: Kernel, id: number, steps = STEPS_MAX): Promise<string | undefined> {
  const outcome = await kernel.database.tryAdvisoryLock(`datasets.copy ${id}`, async (signal) => {
    let source: Source | undefined;
    for (let taken = 0; taken < steps && !signal.aborted; taken++) {
      const copy = await readCopy(kernel.database, id);
      if (copy === undefined || copy.state === "stopped") return undefined;
      const act = () => receivingAct(kernel, copy.basis.length > 0 ? copy.basis : sharingLaw);
      source = source?.after(copy) ?? new Source(kernel, copy, act);
      const step = await untilMarked({ kernel, copy, source, act: act() });
      if (step === "more") continue;
      if (step === "idle") {
        await bar(kernel.database, id, undefined);
        return undefined;
      }
      if (isBarring(step.trouble)) await bar(kernel.database, id, step.trouble);
      await kernel.database.execute("UPDATE datasets.copy SET trouble = $2 WHERE id = $1", [id, step.trouble]);
      return step.trouble;
    }
    return undefined;
  });
  return outcome.held ? outcome.value : undefined;
}

/** Nothing of a batch is taken in which something is marked as a state secret; whoever looks after the copy is told, once in the ledger. */
async function untilMarked(here: Receiving): Promise<Step> {
  try {
    return await nextStep(here);
  } catch (fault) {
    if (!isFault(fault, "ERR_DATASETS_MARKED")) throw fault;
    const { kernel, copy } = here;
    await kernel.database.transaction(async (tx) => {
      const isNew = await tx.execute(
        "UPDATE datasets.copy SET trouble = 'marked' WHERE id = $1 AND trouble IS DISTINCT FROM 'marked'",
        [copy.id],
      );
      if (isNew > 0) await enterMarked(kernel, tx, here);
    });
    return { trouble: "marked" };
  }
}

async function nextStep(here: Receiving): Promise<Step> {
  const { kernel, copy } = here;
  if (copy.state === "waiting") return await describeStep(here);
  if (copy.state === "filling") return copy.target === undefined ? await pageStep(here) : await changesStep(here);
  if (copy.checkDue) return await checkStep(here);
  if (copy.suspect || isDue(copy.reconciledAt, kernel.now())) return await reconcileStep(here);
  return await changesStep(here);
}

function isDue(reconciledAt: string | undefined, now: string): boolean {
  return reconciledAt === undefined || Date.parse(now) - Date.parse(reconciledAt) >= RECONCILE_EVERY_MS;
}

/** The node itself keeps the copy, on the basis that was agreed on. */
function receivingAct(kernel: Kernel, legalBasis: Act["legalBasis"]): Act {
  return {
    id: kernel.newId(),
    principal: { kind: "node", room: "datasets" },
    purpose: "register-keeping",
    legalBasis,
    zone: kernel.zone,
    language: "zh",
    at: kernel.now(),
  };
}
