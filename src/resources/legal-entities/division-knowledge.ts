import { isRefusal } from "#kernel/contract/refusal";
import type { DivisionKnowledge } from "#lib/identifiers/division-knowledge";
import type { Rooms } from "./implement.ts";

/** What the directory knows of the division inside a code. An abolished one shows as unknown: a warning, never a block. */
export async function divisionKnowledge(rooms: Rooms, creditCode: string): Promise<DivisionKnowledge | undefined> {
  const code = creditCode.trim().slice(2, 8);
  if (!/^\d{6}$/.test(code)) return undefined;
  const answer = await rooms.directory.findDivision({ code });
  if (isRefusal(answer) && answer.code !== "not-found") return undefined; // the directory is away: look at the province alone
  return () => (isRefusal(answer) ? "unknown" : "current");
}
