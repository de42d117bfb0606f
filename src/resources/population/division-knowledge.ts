import { isRefusal } from "#kernel/contract/refusal";
import type { DivisionKnowledge } from "#lib/identifiers/division-knowledge";
import type { Rooms } from "./implement.ts";

/**
 * What the directory knows of the division in which a number was given. Abolished divisions are not in its reference data, so
 * that they show as unknown: either way a warning, never a block.
 */
export async function divisionKnowledge(rooms: Rooms, number: string): Promise<DivisionKnowledge | undefined> {
  const code = number.trim().slice(0, 6);
  if (!/^\d{6}$/.test(code)) return undefined;
  const answer = await rooms.directory.findDivision({ code });
  if (isRefusal(answer) && answer.code !== "not-found") return undefined; // the directory is away: look at the province alone
  return () => (isRefusal(answer) ? "unknown" : "current");
}
