import type { Act } from "#kernel/system/act";
import { accountNamed } from "./accounts.ts";
import { FIRST_FACTOR_OPEN_MS, isFirstFactorOpen, openFirstFactor } from "./credentials.ts";
import { emailAddressOf } from "./email-entries.ts";
import { announceFactors } from "./email-port.ts";
import { hasFactor } from "./factors.ts";
import type { Own } from "./implement.ts";
import type { HolderKind } from "./sessions.ts";

/** Whoever opens an account's first factor where the node's operator does so at the command line. */
const OPERATOR = "00000000-0000-0000-0000-000000000000";

interface Opening extends Pick<Own, "registers" | "tables" | "now" | "concerns"> {
  readonly act: Act;
}

/** Lets the holder of an account whose password somebody else set bind its first factor, for a day. */
export async function open(
  ctx: Opening,
  { signInName, only }: { readonly signInName: string; readonly only?: HolderKind },
): Promise<{ readonly until: string } | "not-found" | "own-account" | "not-needed" | "same-official"> {
  const account = await accountNamed(ctx.registers, signInName);
  const { holderKind, holder, status } = account?.value ?? {};
  if (!account || !holderKind || !holder || status !== "active") return "not-found";
  if (only !== undefined && holderKind !== only) return "not-found";
  const by = ctx.act.principal.kind === "official" ? ctx.act.principal.id : OPERATOR;
  if (holder === by) return "own-account";
  const sql = ctx.tables.read();
  // Opened already and not used yet is opened anew; what nobody else set, or is bound, has nothing to open.
  if (await hasFactor(sql, account.key)) return "not-needed";
  const wasOpen = await isFirstFactorOpen(sql, account.key, ctx.now);
  const address = await emailAddressOf(ctx.registers, account.value);
  const opened = await openFirstFactor(await ctx.tables.write(), { account: account.key, by, at: ctx.now });
  if (!opened) return wasOpen ? "not-needed" : "same-official";
  ctx.concerns({ kind: holderKind, id: holder, attributes: ["first-factor-opened"] });
  // At the command line nothing is sent: the ledger has it, and the holder's page.
  if (by !== OPERATOR) await announceFactors(address, "first-factor-opened");
  return { until: new Date(Date.parse(ctx.now) + FIRST_FACTOR_OPEN_MS).toISOString() };
}
