import type { Citation } from "#kernel/contract/citation";
import { isRefusal } from "#kernel/contract/refusal";
import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import type { Transaction } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import type { LedgerSubject } from "#kernel/ledger/entry";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { isSame } from "#lib/reconciliation/summary";
import { type Description, incompatibility } from "../description.ts";
import type { ParcelContent, ReceivedVersion } from "../parcel.ts";
import { totalOfView } from "../views.ts";
import { type Copy, descriptionOf, positionOf, readCopy } from "./copy.ts";
import type { Source } from "./source.ts";
import { totalOfCopy } from "./sums.ts";
import { emptyCopyTable, keepSums, makeCopyTable, makeLookups, receiving } from "./tables.ts";
import { addVersions, changeVersions } from "./write-versions.ts";

/**
 * What one step of keeping a copy came to: `more` is to be done at once, nothing is for now, or something is in the way (the code of a
 * refusal), which is looked at again later.
 */
export type Step = "more" | "idle" | { readonly trouble: string };

export interface Receiving {
  readonly kernel: Kernel;
  readonly copy: Copy;
  readonly source: Source;
  readonly act: Act;
}

/** Has the source describe the data set, and begins or goes on with what fits. */
export async function describeStep(here: Receiving): Promise<Step> {
  const { kernel, copy, source } = here;
  const answer = await source.ask("describe", source.toDescribe());
  if (isRefusal(answer)) return { trouble: answer.code };
  const { description } = answer;
  const problem = unfit(copy, description);
  if (problem !== undefined) return await stop(here, problem);
  const anew = copy.description?.epoch !== description.epoch;
  await kernel.database.transaction(async (tx) => {
    await unmoved(tx, copy);
    await tx.execute(
      `UPDATE datasets.copy SET description = $2, epoch = $3, leaf_bits = $4, trouble = NULL, heard_at = $5,
         attributes = CASE WHEN cardinality(attributes) = 0 THEN $6::text[] ELSE attributes END,
         basis = CASE WHEN grant_number IS NULL THEN basis ELSE $7::jsonb END,
         state = CASE WHEN state <> 'waiting' OR position IS NULL THEN state WHEN whole THEN 'current' ELSE 'filling' END
        WHERE id = $1`,
      [
        ...[copy.id, JSON.stringify(description), description.epoch, description.leafBits, here.act.at],
        ...[description.attributes.map(({ name }) => name), JSON.stringify(basisOf(description))],
      ],
    );
    await makeCopyTable(tx, copy.id);
    if (anew) await beginFilling(tx, { id: copy.id, position: answer.position });
  });
  return "more";
}

/** On what a copy by a grant rests. */
function basisOf({ grant }: Description): readonly Citation[] {
  return grant === undefined ? [] : [{ law: { zh: grant.law, en: grant.law }, article: grant.article }];
}

/** Why a description is not what was agreed on, or not what this copy can go on with. */
function unfit(copy: Copy, description: Description): string | undefined {
  if (copy.grant !== description.grant?.number) return "other-grant";
  const granted = description.attributes.map(({ name }) => name);
  // Of a grant the source says what it names; what a copy was begun with it goes on with.
  if (copy.grant !== undefined && copy.attributes.length === 0) return undefined;
  const wanted = new Set(copy.attributes);
  const same = granted.length === wanted.size && granted.every((name) => wanted.has(name));
  if (copy.register !== description.register || !same) return "other-attributes";
  if (copy.division !== description.division) return "other-division";
  return copy.description && copy.description.epoch === description.epoch
    ? incompatibility(copy.description, description)
    : undefined;
}

/** From nothing: what stands is fetched page by page, then what changed since. */
async function beginFilling(tx: Transaction, about: { readonly id: number; readonly position: number }): Promise<void> {
  await emptyCopyTable(tx, about.id);
  await tx.execute(
    `UPDATE datasets.copy SET state = 'filling', position = $2, source_position = $2, page_place = NULL, page_key = NULL,
       target = NULL, suspect = false, whole = false, filled = 0 WHERE id = $1`,
    [about.id, about.position],
  );
}

export async function fillAnew(here: Receiving): Promise<Step> {
  const { kernel, copy, source } = here;
  const answer = await source.ask("describe", source.toDescribe());
  if (isRefusal(answer)) return { trouble: answer.code };
  await kernel.database.transaction(async (tx) => {
    await unmoved(tx, copy);
    await beginFilling(tx, { id: copy.id, position: answer.position });
  });
  return "more";
}

/** Fetches the next page of what stands. It is in the copy exactly when the copy's row says so. */
export async function pageStep(here: Receiving): Promise<Step> {
  const { kernel, copy, source, act } = here;
  const answer = await source.ask("fetchPage", {
    ...source.about(),
    recipient: source.recipient(),
    ...(copy.pageEnd && { after: copy.pageEnd }),
  });
  if (isRefusal(answer)) return await inTheWay(here, answer.code);
  const content = source.open(answer.parcel);
  const { end, position } = answer;
  if (end !== undefined && content.versions.length === 0)
    throw new Fault("ERR_DATASETS_PARCEL", { message: "an empty page" });
  if (end !== undefined) source.askAhead("fetchPage", { ...source.about(), recipient: source.recipient(), after: end });
  await kernel.database.transaction(async (tx) => {
    await unmoved(tx, copy);
    await receiving(tx);
    await addVersions(tx, { copy, vault: kernel.vault }, content);
    await tx.execute(
      `UPDATE datasets.copy SET page_place = $2, page_key = $3, target = $4, source_position = $5, heard_at = $6, trouble = NULL,
         filled = filled + $7 WHERE id = $1`,
      [
        ...[copy.id, end?.place ?? null, end?.key ?? null, end === undefined ? position : null, position, act.at],
        content.versions.length,
      ],
    );
    await enterImport(kernel, tx, here, { content, operation: "fetchPage", upTo: position });
  });
  return "more";
}

/** Fetches what changed, and does it in one transaction with the position. */
export async function changesStep(here: Receiving): Promise<Step> {
  const { kernel, copy, source, act } = here;
  const after = positionOf(copy);
  const answer = await source.ask("fetchChanges", {
    ...source.about(),
    ...{ after, version: descriptionOf(copy).version, recipient: source.recipient() },
  });
  if (isRefusal(answer)) return await inTheWay(here, answer.code);
  if (answer.after !== after || answer.upTo < after || answer.position < answer.upTo) {
    throw new Fault("ERR_DATASETS_PARCEL", { message: "changes of another stretch" });
  }
  const content = source.open(answer.parcel);
  const { upTo, upToAt, position } = answer;
  const whole = copy.target !== undefined && upTo >= copy.target;
  const total = answer.total && totalOfView(answer.total);
  if (upTo < position) {
    const { version } = descriptionOf(copy);
    source.askAhead("fetchChanges", { ...source.about(), after: upTo, version, recipient: source.recipient() });
  }
  await kernel.database.transaction(
    async (tx) => {
      await unmoved(tx, copy);
      await receiving(tx);
      const removed = answer.removed.map(({ key, digest }) => ({ key, digest: Buffer.from(digest, "hex") }));
      const written = await changeVersions(tx, { copy, vault: kernel.vault }, { removed, content });
      if (whole) await keepSums(tx, copy.id);
      // Where the copy says that it is whole, both sides must have the same: whatever came between them, it shows here.
      const whether = copy.state === "current" || whole ? total : undefined;
      const suspect = whether !== undefined && !isSame(whether, await totalOfCopy(tx, copy.id));
      await tx.execute(
        `UPDATE datasets.copy SET position = $2, source_position = $3, source_at = coalesce($4, source_at), heard_at = $5,
           conflicts = conflicts + $6, suspect = suspect OR $7, trouble = NULL,
           state = CASE WHEN $8 THEN 'current' ELSE state END, target = CASE WHEN $8 THEN NULL ELSE target END,
           whole = whole OR $8, filled = filled + $9 WHERE id = $1`,
        [
          ...[copy.id, upTo, position, upToAt ?? null, act.at, written.conflicts, suspect, whole],
          copy.state === "filling" ? written.added - written.removed : 0,
        ],
      );
      if (whole) await makeLookups(tx, copy.id, descriptionOf(copy));
      await enterImport(kernel, tx, here, { content, operation: "fetchChanges", upTo });
    },
    { timeoutMs: LONG_TRANSACTION_TIMEOUT_MS, retries: 0 },
  );
  return upTo < position || whole ? "more" : "idle";
}

/** What can be mended is; what only the source or an official can is told. */
async function inTheWay(here: Receiving, code: string): Promise<Step> {
  if (code === "begun-anew" || code === "other-version") return await describeStep(here);
  if (code === "ahead" || code === "too-old") {
    await here.kernel.database.execute("UPDATE datasets.copy SET suspect = true, trouble = $2 WHERE id = $1", [
      here.copy.id,
      code,
    ]);
    // A copy that is only half there has nothing that could be held against the source.
    return here.copy.state === "filling" ? await fillAnew(here) : "more";
  }
  return { trouble: code };
}

async function stop({ kernel, copy, act }: Receiving, trouble: string): Promise<Step> {
  await kernel.database.execute(
    "UPDATE datasets.copy SET state = 'stopped', trouble = $2, heard_at = $3 WHERE id = $1",
    [copy.id, trouble, act.at],
  );
  return { trouble };
}

/** @throws ERR_DATASETS_MOVED where another process did something to the copy since it was read */
export async function unmoved(tx: Transaction, copy: Copy): Promise<void> {
  const now = await readCopy(tx, copy.id, true);
  const same =
    now?.position === copy.position &&
    now?.state === copy.state &&
    now.pageEnd?.key === copy.pageEnd?.key &&
    now.target === copy.target;
  if (!same) throw new Fault("ERR_DATASETS_MOVED", { message: String(copy.id) });
}

/** Enters in the ledger whom it concerns that versions came, with the versions. */
export async function enterImport(
  kernel: Kernel,
  tx: Transaction,
  { copy, act }: Receiving,
  about: { readonly content: ParcelContent; readonly operation: string; readonly upTo: number },
): Promise<void> {
  const { content, operation, upTo } = about;
  if (content.versions.length === 0) return;
  await kernel.ledger.append(tx, [
    {
      ...entryOf({ copy, act }),
      ...{ type: "import", operation },
      subjects: subjectsOf(descriptionOf(copy), content.versions),
      outcome: `${content.versions.length} versions`,
      detail: { register: copy.register, node: copy.node, upTo },
    },
  ]);
}

/** Enters that what a source gave was not taken, because something in it is marked as a state secret. */
export async function enterMarked(kernel: Kernel, tx: Transaction, { copy, act }: Receiving): Promise<void> {
  await kernel.ledger.append(tx, [
    {
      ...entryOf({ copy, act }),
      ...{ type: "refused", operation: "copy-marked", subjects: [], outcome: "marked" },
      detail: { register: copy.register, node: copy.node },
    },
  ]);
}

function entryOf({ copy, act }: Pick<Receiving, "copy" | "act">) {
  return {
    ...{ at: act.at, actId: act.id, room: "datasets" },
    actor: { kind: "node", id: copy.node } as const,
    purpose: act.purpose ?? "none",
    legalBasis: act.legalBasis.map((citation) => `${citation.law.zh} ${citation.article}`),
  };
}

function subjectsOf(
  { subject, attributes }: Description,
  versions: readonly ReceivedVersion[],
): readonly LedgerSubject[] {
  const { kind, by = "key" } = subject;
  if (kind === "none") return [];
  const ids = new Set<string>();
  for (const version of versions) {
    const named: unknown = by === "key" ? version.key : version.value[by];
    for (const id of Array.isArray(named) ? named : [named]) if (typeof id === "string") ids.add(id);
  }
  const names = attributes.map(({ name }) => name);
  return [...ids].map((id) => ({ kind, id, attributes: names }));
}
