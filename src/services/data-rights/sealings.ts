import type { z } from "zod";
import type { Act } from "#kernel/system/act";
import type { Registers } from "./implement.ts";
import { REVIEW_AHEAD_DAYS, SEALING_LIST_LENGTH, SEALING_MONTHS_MAX, type Sealing } from "./sealing-contract.ts";

type SealingValue = z.output<typeof Sealing>;

/** Whether a review is after today and within the months that are allowed. */
export function isReviewDay(day: string, today: string): boolean {
  return day > today && day <= Temporal.PlainDate.from(today).add({ months: SEALING_MONTHS_MAX }).toString();
}

/** How near the review of an order is. */
export function dueOf({ status, reviewOn }: Pick<SealingValue, "status" | "reviewOn">, today: string) {
  if (status !== "in-force") return "no";
  if (reviewOn <= today) return "over";
  return reviewOn <= Temporal.PlainDate.from(today).add({ days: REVIEW_AHEAD_DAYS }).toString() ? "soon" : "no";
}

/** What waits and what is in force, the review that comes first at the top; of one authority, or of all. */
export async function openSealings(registers: Registers, today: string, authority?: string) {
  const whose = authority === undefined ? {} : { authority };
  const pages = [];
  for (const status of ["asked", "in-force"] as const) {
    pages.push(await registers.sealing.find({ ...whose, status }, { limit: SEALING_LIST_LENGTH }));
  }
  return pages
    .flatMap(({ items }) => items)
    .map(({ key, value }) => ({ ...value, id: key, due: dueOf(value, today) }) as const)
    .toSorted((one, other) => (one.reviewOn < other.reviewOn ? -1 : 1));
}

export function officialOf({ principal }: Act): { readonly id: string; readonly authority: string } {
  if (principal.kind !== "official") throw new TypeError("the door lets officials in alone");
  return { id: principal.id, authority: principal.post.authority };
}
