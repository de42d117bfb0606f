import type { z } from "zod";
import type { CaseOfRoom } from "#kernel/system/context";
import { elapsed } from "#lib/calendar/statutory-period";
import { BUSINESS_ITEMS, LICENCE_YEARS, type quality, RENEWAL_CLOSES_DAYS, RENEWAL_OPENS_DAYS } from "#systems/quality";

export type FoodLicence = z.output<(typeof quality)["registers"]["foodLicence"]["schema"]>;
export type FoodBusinessForm = z.output<(typeof quality)["services"]["foodBusinessLicence"]["form"]>;

/** The last day of a licence that begins on a day: five years less one day (食品经营许可和备案管理办法 §23). */
export function lastDayOf(validFrom: string): string {
  return Temporal.PlainDate.from(validFrom).add({ years: LICENCE_YEARS }).subtract({ days: 1 }).toString();
}

/** Whether a renewal may be applied for today: 90 to 15 working days before the licence ends. */
export function renewalWindow(validUntil: string, today: string): "early" | "open" | "late" {
  const days = elapsed(Temporal.PlainDate.from(today), Temporal.PlainDate.from(validUntil), "working-day");
  if (days > RENEWAL_OPENS_DAYS) return "early";
  return days < RENEWAL_CLOSES_DAYS ? "late" : "open";
}

/** Licensed items in the words of the licence. */
export function scopeNames(items: readonly string[]): readonly string[] {
  return items.map((item) => BUSINESS_ITEMS[item as keyof typeof BUSINESS_ITEMS]?.zh ?? item);
}

/** The items that a decision to grant in part refuses: a line each, its reason after a colon, as the notice prints them. */
function refusedNames(refusedItems: unknown): readonly string[] {
  if (typeof refusedItems !== "string") return [];
  const names = refusedItems.split("\n").map((line) => line.split(/[：:]/u)[0]?.trim() ?? "");
  return names.filter((name) => name !== "");
}

/**
 * What of the applied-for items remains after a decision to grant in part; `undefined` where the decision refuses what was not
 * applied for, or everything: then nobody knows what was meant, and nothing is to be granted on it.
 */
export function grantedScope(items: readonly string[], refusedItems: unknown): readonly string[] | undefined {
  const applied = scopeNames(items);
  const refused = new Set(refusedNames(refusedItems));
  const left = applied.filter((name) => !refused.has(name));
  return left.length > 0 && left.length === applied.length - refused.size ? left : undefined;
}

/**
 * Whether a case counts as granted since nobody decided (行政许可法 §50). The procedure asks for it with a renewal alone, and here too
 * it is never anything else.
 */
export function isSilent(decided: Pick<CaseOfRoom, "form" | "variables">): boolean {
  const { decision, renewalUntil } = decided.variables;
  const isRenewal = (decided.form as FoodBusinessForm).kind === "renewal" && typeof renewalUntil === "string";
  return isRenewal && !DECIDED.has(String(decision ?? ""));
}

const DECIDED: ReadonlySet<string> = new Set(["grant", "partial", "refuse"]);
