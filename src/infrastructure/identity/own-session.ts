import { isAssured } from "#kernel/contract/assurance";
import type { Act } from "#kernel/system/act";
import { isOwn } from "./accounts.ts";
import { CHANGE_FACTORS } from "./factor-contract.ts";
import type { Registers } from "./implement.ts";
import { provenAtOf, type SessionRow } from "./sessions.ts";

/** Why a session cannot be used by who asks; undefined where it can. */
export function sessionProblem(act: Act, row: SessionRow | undefined): "session-ended" | "not-yours" | undefined {
  if (!row) return "session-ended";
  return isOwn(act, row) ? undefined : "not-yours";
}

/** Whether the session itself was proved lately enough to change factors: what the node asks for others goes by it as well. */
export function mayChangeFactors(row: SessionRow, at: string): boolean {
  const principal = { kind: "person", id: row.holder, assurance: row.assurance, provenAt: provenAtOf(row) } as const;
  return isAssured(principal, CHANGE_FACTORS, at);
}

/** The name by which the account of a session signs in. */
export async function signInNameOf(registers: Registers, row: SessionRow): Promise<string> {
  const account = await registers.account.get(row.account);
  return account?.value.signInName ?? "";
}
