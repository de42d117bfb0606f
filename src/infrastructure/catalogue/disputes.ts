import type { Sql } from "#kernel/database/sql";
import { type Matter, stepsOf, takeStepAsNode } from "./matters.ts";

/** What a dispute came to: the provider answers a refused request anew where it is to be shared. */
export async function carryOut(sql: Sql, dispute: Matter, outcome: string, at: string): Promise<void> {
  if (outcome !== "share" || dispute.about === null) return;
  await takeStepAsNode(sql, { kind: "request", step: "reopen", number: dispute.about, at });
}

/** What the authority in charge of sharing said last; undefined where it said nothing. */
export async function coordinatedOutcome(sql: Sql, dispute: number): Promise<string | undefined> {
  const said = (await stepsOf(sql, dispute)).findLast(({ step }) => step === "coordinate");
  return (said?.detail as { readonly outcome?: string } | undefined)?.outcome;
}
