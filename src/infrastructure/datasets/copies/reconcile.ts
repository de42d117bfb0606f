import { isRefusal } from "#kernel/contract/refusal";
import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import { Fault } from "#kernel/errors/fault";
import { digestBytes } from "#kernel/feeds/summaries";
import {
  type Differences,
  findDifferences,
  ReconciliationError,
  type Side,
} from "#lib/reconciliation/find-differences";
import type { Item } from "#lib/reconciliation/summary";
import { REPAIR_MAX_VERSIONS, REPAIR_VERSIONS } from "../limits.ts";
import type { ParcelContent } from "../parcel.ts";
import { itemOfView, itemView, totalOfView } from "../views.ts";
import { descriptionOf, positionOf } from "./copy.ts";
import { changesStep, describeStep, enterImport, fillAnew, type Receiving, type Step, unmoved } from "./receive.ts";
import { copySide } from "./sums.ts";
import { receiving, sumCopyUp } from "./tables.ts";
import { changeVersions } from "./write-versions.ts";

class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * Holds a copy against its source at a position, names what differs and repairs it: as far as the source's answers can be believed. A
 * copy of which too much differs is filled anew.
 */
export async function reconcileStep(here: Receiving): Promise<Step> {
  try {
    const position = await commonPosition(here);
    const differences = await differencesAt(here, position);
    await repair(here, position, differences);
    return "more";
  } catch (problem) {
    if (problem instanceof Refused) {
      if (problem.code === "begun-anew") return await describeStep(here);
      // What changed meanwhile is fetched first, and then it is done again.
      return problem.code === "moved-on" ? await changesStep(here) : { trouble: problem.code };
    }
    if (!(problem instanceof ReconciliationError)) throw problem;
    await remember(here, { missing: 0, surplus: 0, problem: problem.problem });
    if (problem.problem === "too-many") return await fillAnew(here);
    return { trouble: problem.problem };
  }
}

/** The copy's own, where the source can speak of it; else the source's newest: then the copy jumps there. */
async function commonPosition({ source, copy }: Receiving): Promise<number> {
  const answer = await source.ask("describe", source.toDescribe());
  if (isRefusal(answer)) throw new Refused(answer.code);
  if (answer.description.epoch !== descriptionOf(copy).epoch) throw new Refused("begun-anew");
  const position = positionOf(copy);
  const there = await source.ask("fetchSummaries", {
    ...source.about(),
    // Whether it can, the smallest range tells at once.
    ...{ position, ranges: [{ bits: descriptionOf(copy).leafBits, prefix: 0 }] },
  });
  if (!isRefusal(there)) return position;
  if (there.code === "ahead" || there.code === "moved-on") return answer.position;
  throw new Refused(there.code);
}

async function differencesAt(here: Receiving, position: number): Promise<Differences> {
  const { kernel, copy } = here;
  const { leafBits } = descriptionOf(copy);
  const ours = copySide(kernel.database, copy.id, leafBits);
  const theirs = sourceSide(here, position);
  try {
    return await findDifferences(ours, theirs, { leafBits });
  } catch (problem) {
    if (!(problem instanceof ReconciliationError) || problem.problem !== "ours-inconsistent") throw problem;
    await kernel.database.transaction(
      async (tx) => {
        await unmoved(tx, copy);
        await sumCopyUp(tx, copy.id);
      },
      { timeoutMs: LONG_TRANSACTION_TIMEOUT_MS },
    );
    return await findDifferences(ours, theirs, { leafBits });
  }
}

function sourceSide({ source }: Receiving, position: number): Side {
  return {
    async summaries(ranges) {
      const answer = await source.ask("fetchSummaries", { ...source.about(), position, ranges: [...ranges] });
      if (isRefusal(answer)) throw new Refused(answer.code);
      return answer.summaries.map(totalOfView);
    },
    async items(ranges, after) {
      const answer = await source.ask("fetchItems", {
        ...source.about(),
        ...{ position, ranges: [...ranges] },
        ...(after && { after: itemView(after) }),
      });
      if (isRefusal(answer)) throw new Refused(answer.code);
      return { items: answer.items.map(itemOfView), more: answer.more };
    },
  };
}

async function repair(here: Receiving, position: number, differences: Differences): Promise<void> {
  const { kernel, copy, act } = here;
  const { missing, surplus } = differences;
  if (missing.length + surplus.length > REPAIR_MAX_VERSIONS) {
    throw new ReconciliationError("too-many", `${missing.length + surplus.length} versions differ`);
  }
  const content = await fetchMissing(here, missing);
  await kernel.database.transaction(async (tx) => {
    await unmoved(tx, copy);
    await receiving(tx);
    const removed = surplus.map(({ key, digest }) => ({ key, digest: digestBytes(digest) }));
    await changeVersions(tx, { copy, vault: kernel.vault }, { removed, content });
    await tx.execute(
      `UPDATE datasets.copy SET position = $2, suspect = false, trouble = NULL, reconciled_at = $3, reconciled = $4, heard_at = $3
        WHERE id = $1`,
      [copy.id, position, act.at, JSON.stringify({ missing: missing.length, surplus: surplus.length })],
    );
    await enterImport(kernel, tx, here, { content, operation: "reconcileCopy", upTo: position });
  });
}

/** Contents of what is missing. What the source no longer has, a change that is still to come takes away. */
async function fetchMissing({ source }: Receiving, missing: readonly Item[]): Promise<ParcelContent> {
  const whole = {
    citations: [] as ParcelContent["citations"][number][],
    versions: [] as ParcelContent["versions"][number][],
  };
  let left = [...missing];
  while (left.length > 0) {
    const asked = left.slice(0, REPAIR_VERSIONS);
    const answer = await source.ask("fetchVersions", {
      ...source.about(),
      ...{ items: asked.map(itemView), recipient: source.recipient() },
    });
    if (isRefusal(answer)) throw new Refused(answer.code);
    const { citations, versions } = source.open(answer.parcel);
    const names = new Set(asked.map(({ key, digest }) => `${key} ${digestBytes(digest).toString("hex")}`));
    if (!versions.every(({ key, digest }) => names.has(`${key} ${digest.toString("hex")}`))) {
      throw new Fault("ERR_DATASETS_PARCEL", { message: "versions that were not asked for" });
    }
    const came = new Set(versions.map(({ key, digest }) => `${key} ${digest.toString("hex")}`));
    const isLeft = ({ key, digest }: Item) => !came.has(`${key} ${digestBytes(digest).toString("hex")}`);
    left = [...(answer.more && came.size > 0 ? asked.filter(isLeft) : []), ...left.slice(REPAIR_VERSIONS)];
    whole.citations.push(...citations);
    whole.versions.push(...versions);
  }
  return whole;
}

async function remember(
  { kernel, copy, act }: Receiving,
  outcome: { readonly missing: number; readonly surplus: number; readonly problem: string },
): Promise<void> {
  await kernel.database.execute(
    "UPDATE datasets.copy SET reconciled_at = $2, reconciled = $3, trouble = $4 WHERE id = $1",
    [copy.id, act.at, JSON.stringify(outcome), outcome.problem],
  );
}
