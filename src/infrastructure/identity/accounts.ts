import type { z } from "zod";
import type { Entry } from "#kernel/registers/handle";
import type { Act } from "#kernel/system/act";
import type { Account } from "./contract.ts";
import type { Registers } from "./implement.ts";
import type { SessionRow } from "./sessions.ts";
import { normaliseSignInName } from "./sign-in-name.ts";

/** The account of a sign-in name, however it is written. */
export async function accountNamed(
  registers: Registers,
  signInName: string,
): Promise<Entry<z.output<typeof Account>> | undefined> {
  const found = await registers.account.find({ signInName: normaliseSignInName(signInName) }, { limit: 1 });
  return found.items[0];
}

/** Whether who asks may touch a session: its holder, or the node on behalf of a page that knows whose request it is. */
export function isOwn(act: Act, session: SessionRow): boolean {
  const { principal } = act;
  if (principal.kind === "node") return true;
  return (principal.kind === "person" || principal.kind === "official") && principal.id === session.holder;
}

/** The official who sets a password and so knows it; undefined where the node makes the account. */
export function setterOf({ principal }: Act): string | undefined {
  return principal.kind === "official" ? principal.id : undefined;
}
