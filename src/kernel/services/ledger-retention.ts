import { civilDay } from "#lib/calendar/civil-day";
import type { LedgerEntryType, LedgerLeaf } from "../ledger/entry.ts";
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

/** Every period that an entry of this node may have. */
function periods(kernel: Kernel): readonly number[] {
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
  for (const years of periods(kernel)) erased += await erasePeriod(kernel, years);
  return erased;
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
    erased += await eraseAll(kernel, batch.filter(due), { setting, last });
    after = last;
  }
  const day = civilDay(before).toString();
  const shown = await contentsShownBefore(kernel.database, { day, limit: BATCH_ENTRIES });
  return erased + (await eraseAll(kernel, shown.filter(due)));
}

async function eraseAll(
  kernel: Kernel,
  entries: readonly OldContent[],
  reached?: { readonly setting: string; readonly last: number },
): Promise<number> {
  return kernel.database.transaction(async (transaction) => {
    let erased = 0;
    for (const { id } of entries) {
      if (await kernel.ledger.erase(transaction, { entryId: id, scope: "all" })) erased += 1;
    }
    if (reached) await writeSetting(transaction, reached.setting, reached.last, kernel.now());
    return erased;
  });
}
