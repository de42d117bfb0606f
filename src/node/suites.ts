import type { Sql } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { readSetting, settleSetting } from "#kernel/system/settings";
import {
  defaultSuiteChoice,
  formatSuiteChoice,
  INTERNATIONAL_CHOICE,
  readSuiteChoice,
  type SuiteChoice,
} from "#lib/crypto/purposes";
import { type Text, text } from "#lib/language/text";
import "./faults.ts";
import { DEMONSTRATION_SETTING } from "./settings.ts";

/** How the choice of suites is kept, as `formatSuiteChoice` writes it. */
const SUITES_SETTING = "cryptographic-suites";

/**
 * The suites of this node, settled by the first that asks: what its operator wants, else the national suite, but in a
 * demonstration. A node that held data before there was a choice stays international.
 * @throws ERR_SUITES_FIXED where the operator wants another choice than what was settled
 */
export async function settleSuites(
  sql: Sql,
  node: { readonly demonstration: boolean; readonly wanted: SuiteChoice | undefined; readonly at: string },
): Promise<SuiteChoice> {
  const { demonstration, wanted, at } = node;
  const isOlder = (await readSetting<boolean>(sql, DEMONSTRATION_SETTING)) !== undefined;
  const first = isOlder ? INTERNATIONAL_CHOICE : (wanted ?? defaultSuiteChoice({ demonstration }));
  const settled = await settleSetting(sql, SUITES_SETTING, formatSuiteChoice(first), at);
  if (wanted !== undefined && formatSuiteChoice(wanted) !== settled) {
    throw new Fault("ERR_SUITES_FIXED", { message: `${settled}; ZHENGTONG_SUITES: ${formatSuiteChoice(wanted)}` });
  }
  return known(settled);
}

/** What was settled; undefined where no node was started on this database. */
export async function readSuites(sql: Sql): Promise<SuiteChoice | undefined> {
  const settled = await readSetting<string>(sql, SUITES_SETTING);
  return settled === undefined ? undefined : known(settled);
}

/** One line for operators. */
export function suitesText(choice: SuiteChoice): Text {
  const written = formatSuiteChoice(choice);
  return choice.suite === "national"
    ? text(`密码套件：国密（${written}）`, `cryptographic suites: national (${written})`)
    : text(`密码套件：国际（${written}）`, `cryptographic suites: international (${written})`);
}

function known(settled: string): SuiteChoice {
  const choice = readSuiteChoice(settled);
  if (choice === undefined) throw new Fault("ERR_SUITES_FIXED", { message: `${settled} is no choice` });
  return choice;
}
