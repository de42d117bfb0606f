import type { Sql } from "#kernel/database/sql";
import type { Secrets } from "#kernel/system/context";
import { codeSubject, forgiveUnlessLocked, noteFailure, waitSeconds } from "./attempts.ts";
import { codeGenerator, takeCode } from "./code-secrets.ts";
import { isFirstFactorOpen } from "./credentials.ts";
import { mayChangeFactors } from "./own-session.ts";
import { passkeysOf } from "./passkeys.ts";
import { readRecoveryCode, recoveryCodesLeft, takeRecoveryCode } from "./recovery-codes.ts";
import type { SessionRow } from "./sessions.ts";

/** Whether an account has anything beyond its password. */
export async function hasFactor(sql: Sql, account: string): Promise<boolean> {
  if ((await codeGenerator(sql, account)) !== undefined || (await recoveryCodesLeft(sql, account)) > 0) return true;
  return (await passkeysOf(sql, account)).length > 0;
}

/** Why a factor cannot be bound in a session: one is there already and was not proved, or the first one waits for another official. */
export async function barredFromBinding(
  sql: Sql,
  row: SessionRow,
  at: string,
): Promise<"prove-first" | "not-opened" | undefined> {
  if (await hasFactor(sql, row.account)) return mayChangeFactors(row, at) ? undefined : "prove-first";
  return (await isFirstFactorOpen(sql, row.account, at)) ? undefined : "not-opened";
}

/** How many seconds remain before a code of this account may be tried again; 0 when one need not wait. */
export function codeWaitSeconds(sql: Sql, account: string, at: string): Promise<number> {
  return waitSeconds(sql, [codeSubject(account)], at);
}

/** Counts a try of a code: wrong ones make the next wait, and a right one that ends after the lock fell counts for nothing. */
export async function countedCode(
  sql: Sql,
  account: string,
  tried: { readonly right: boolean; readonly at: string },
): Promise<boolean> {
  const subject = codeSubject(account);
  if (tried.right) return forgiveUnlessLocked(sql, subject, tried.at);
  await noteFailure(sql, subject, tried.at);
  return false;
}

/** Takes what somebody typed in, a code or a recovery code, once, and counts the try. */
export async function triedCode(
  sql: Sql,
  secrets: Secrets,
  tried: { readonly account: string; readonly given: string; readonly at: string },
): Promise<{ readonly outcome: "right" | "used" | "wrong"; readonly byRecovery: boolean }> {
  const { account, given, at } = tried;
  const recovery = readRecoveryCode(given);
  const taken = recovery
    ? await takeRecoveryCode(sql, secrets, { account, code: recovery, at })
    : await takeCode({ sql, secrets, account }, given.replaceAll(/\s/g, ""), at);
  const counts = await countedCode(sql, account, { right: taken === "right", at });
  const outcome = counts ? "right" : taken === "used" ? "used" : "wrong";
  return { outcome, byRecovery: recovery !== undefined };
}
