import { civilDay } from "#lib/calendar/civil-day";
import { toBase64url } from "#lib/crypto/base64url";
import { leafHash } from "#lib/merkle/hash";
import type { LedgerEntry, LedgerEntryType, LedgerLeaf } from "../ledger/entry.ts";
import { PAGE_MAX_RECORDS } from "../ledger/limits.ts";
import { contentsBetween, contentsShownBefore, lastEntryBefore, type OldContent } from "../ledger/old-contents.ts";
import type { Kernel } from "../system/kernel.ts";
import { readSetting, writeSetting } from "../system/settings.ts";

/** 个人信息保护法 §56: what was done with personal information stays on record for three years at least. */
export const PROCESSING_RECORD_YEARS = 3;
/** Contents that one transaction erases. */
const BATCH_ENTRIES = 200;

type Kept = number | "permanent";

/** Who looked, who was refused, who signed in, what went out: they prove themselves alone, and bring nothing about. */
const LOOKS: ReadonlySet<LedgerEntryType> = new Set(["read", "refused", "sign-in", "exchange", "export"]);

/**
 * How many years the content of an entry is kept. Looks: the years of the law. Acts: as long as what they brought about, which the
 * contracts say of registers and items. Decisions, seals, keys, imports, erasures and the node's own changes: for good.
 */
export function contentYears(
  leaf: Pick<LedgerLeaf, "type" | "room" | "operation">,
  kernel: Pick<Kernel, "systems">,
): Kept {
  if (LOOKS.has(leaf.type)) return PROCESSING_RECORD_YEARS;
  const contract = kernel.systems.get(leaf.room)?.contract;
  if (leaf.type !== "act" || !contract) return "permanent";
  const service = contract.services[leaf.operation.split(".")[0] ?? ""];
  if (service) return longest([service.retention ?? "permanent"]);
  return longest(Object.values(contract.registers).map(({ retention }) => retention));
}

function longest(retentions: readonly ("permanent" | { readonly years: number })[]): Kept {
  const years = retentions.map((retention) => (retention === "permanent" ? Number.POSITIVE_INFINITY : retention.years));
  const most = Math.max(PROCESSING_RECORD_YEARS, ...years);
  return Number.isFinite(most) ? most : "permanent";
}

/** Every number of years that an entry of this node may have. */
export function contentPeriods(kernel: Pick<Kernel, "systems">): readonly number[] {
  const contracts = [...kernel.systems.values()].map(({ contract }) => contract);
  const acts = contracts.flatMap(({ id: room, services }) => [
    contentYears({ type: "act", room, operation: "" }, kernel),
    ...Object.keys(services).map((name) => contentYears({ type: "act", room, operation: name }, kernel)),
  ]);
  return [...new Set([PROCESSING_RECORD_YEARS, ...acts.filter((kept) => kept !== "permanent")])];
}

/**
 * Erases the contents of entries whose period ended. The entries stay in the log, and stay provable. How far each period has come
 * is written with what was erased, so that a run begins where the last one ended.
 * @returns how many
 */
export async function eraseOldContents(kernel: Kernel): Promise<number> {
  let erased = 0;
  for (const years of contentPeriods(kernel)) erased += await erasePeriod(kernel, years);
  return erased;
}

/**
 * Destroys the keys of periods whose contents have all had their time: what was erased here row by row is then erased in every copy as well, on
 * whatever medium it lies. A key by which something is still kept, because a contract has lengthened its years since, stays.
 * @returns how many
 */
export async function destroyEndedKeys(kernel: Kernel): Promise<number> {
  const { periods } = kernel.ledger;
  if (periods === undefined) return 0;
  let destroyed = 0;
  for (const period of await periods.ended()) {
    if (await periods.isUsed(period)) continue;
    const done = await kernel.database.transaction(async (tx) => {
      if (!(await periods.destroy(tx, period))) return false;
      await kernel.ledger.append(tx, [destruction(kernel, period)]);
      return true;
    });
    periods.forget(period);
    if (done) destroyed += 1;
  }
  return destroyed;
}

function destruction(kernel: Kernel, period: string): LedgerEntry {
  return {
    type: "erasure",
    at: kernel.now(),
    ...{ room: "ledger", operation: "period-key-destroyed" },
    actor: { kind: "node", id: "ledger" },
    purpose: "administration",
    legalBasis: ["个人信息保护法 第四十七条"],
    subjects: [],
    outcome: "retention-ended",
    detail: { period },
  };
}

async function erasePeriod(kernel: Kernel, years: number): Promise<number> {
  const now = Temporal.Instant.from(kernel.now()).toZonedDateTimeISO("UTC");
  const before = now.subtract({ years }).toInstant();
  const setting = `ledger erased/${years}`;
  const upTo = await lastEntryBefore(kernel.database, before.toString());
  const due = ({ leaf }: OldContent) => contentYears(leaf, kernel) === years && leaf.at < before.toString();
  let after = (await readSetting<number>(kernel.database, setting)) ?? 0;
  let erased = 0;
  for (;;) {
    const batch = await contentsBetween(kernel.database, { after, upTo, limit: BATCH_ENTRIES });
    const last = batch.at(-1)?.id;
    if (last === undefined) break;
    erased += await eraseAll(kernel, batch.filter(due), years, { setting, last });
    after = last;
  }
  const day = civilDay(before).toString();
  const shown = await contentsShownBefore(kernel.database, { day, limit: BATCH_ENTRIES });
  return erased + (await eraseAll(kernel, shown.filter(due), years));
}

async function eraseAll(
  kernel: Kernel,
  entries: readonly OldContent[],
  years: number,
  reached?: { readonly setting: string; readonly last: number },
): Promise<number> {
  return kernel.database.transaction(async (transaction) => {
    const erased: OldContent[] = [];
    for (const entry of entries) {
      if (await kernel.ledger.erase(transaction, { entryId: entry.id, scope: "all" })) erased.push(entry);
    }
    if (erased.length > 0) await kernel.ledger.append(transaction, [warrant(kernel, erased, years)]);
    if (reached) await writeSetting(transaction, reached.setting, reached.last, kernel.now());
    return erased.length;
  });
}

/**
 * Says of which entries the content was erased, by the hashes of their leaves, and after how many years: with its receipt whoever
 * holds an erased entry proves that it was erased when its time ended, and not withheld.
 */
function warrant(kernel: Kernel, erased: readonly OldContent[], years: number): LedgerEntry {
  return {
    type: "erasure",
    at: kernel.now(),
    ...CONTENTS_ERASED,
    actor: { kind: "node", id: "ledger" },
    purpose: "administration",
    legalBasis: ["个人信息保护法 第四十七条"],
    subjects: [],
    outcome: "retention-ended",
    detail: { years, leaves: erased.map(({ hash }) => hash) },
  };
}

/** How many warrants are looked through for one entry, newest first: each covers some hundred entries. */
const WARRANT_PAGES_MAX = 25;

/** The entry that says that this entry's content was erased in time; undefined where none is found. */
export async function erasureWarrant(kernel: Kernel, leaf: Uint8Array): Promise<number | undefined> {
  const wanted = toBase64url(leafHash(leaf));
  let before: number | undefined;
  for (let pages = 0; pages < WARRANT_PAGES_MAX; pages += 1) {
    const page = await kernel.ledger.byActor({ kind: "node", id: "ledger" }, { limit: PAGE_MAX_RECORDS, before });
    const found = page.records.find(
      ({ leaf: { type, operation }, content }) =>
        type === "erasure" && operation === CONTENTS_ERASED.operation && leavesOf(content?.detail).includes(wanted),
    );
    if (found !== undefined) return found.id;
    before = page.next;
    if (before === undefined) return undefined;
  }
  return undefined;
}

function leavesOf(detail: unknown): readonly unknown[] {
  return typeof detail === "object" && detail !== null && "leaves" in detail && Array.isArray(detail.leaves)
    ? detail.leaves
    : [];
}

const CONTENTS_ERASED = { room: "ledger", operation: "contents" } as const;
