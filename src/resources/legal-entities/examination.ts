import type { z } from "zod";
import type { InputIssue } from "#kernel/contract/refusal";
import { type Examined, foundInChange } from "#kernel/registers/examined";
import type { DivisionKnowledge } from "#lib/identifiers/division-knowledge";
import { checkUnifiedSocialCredit } from "#lib/identifiers/unified-social-credit";
import { type Text, text } from "#lib/language/text";
import { normaliseName } from "#lib/names/name";
import type { Organization, OrganizationKind } from "./registers.ts";

export type OrganizationValue = z.output<typeof Organization>;

/** How the first two characters of a code begin, GB 32100-2015 table 1; other organizations have many. */
const CODE_BEGINNINGS: Readonly<Partial<Record<OrganizationKind, string>>> = {
  enterprise: "91",
  "individual-business": "92",
  "farmers-cooperative": "93",
  "public-institution": "12",
  "social-organization": "5",
};

export interface Examination extends Examined {
  /** As the register is to have it: code and name brought to one form. */
  readonly organization: OrganizationValue;
}

/** What the code says together: when one of them changes, both are looked at again. */
const IN_THE_CODE = ["creditCode", "kind"];

/** What a change of these attributes answers for. */
export function ofChange(found: Examined, changed: readonly string[]): Examined {
  const code = changed.some((attribute) => IN_THE_CODE.includes(attribute));
  return foundInChange(found, (path) => changed.includes(path) || (code && IN_THE_CODE.includes(path)));
}

/** Few that are older are on a register of today: more often a year was mistyped. */
const LONG_AGO = "1949-10-01";

/** Checks an organization's particulars one by one and against each other. */
export function examineOrganization(
  given: OrganizationValue,
  known: { readonly today: string; readonly division?: DivisionKnowledge },
): Examination {
  const errors: InputIssue[] = [];
  const warnings: InputIssue[] = [];
  const credit = checkUnifiedSocialCredit(given.creditCode, known.division ? { division: known.division } : {});
  if (credit.status === "error") errors.push({ path: "creditCode", text: credit.error });
  if (credit.status === "warning")
    warnings.push(...credit.warnings.map((words) => ({ path: "creditCode", text: words })));
  const kindWarning = credit.status === "error" ? undefined : wrongKind(given.kind, credit.value.code);
  if (kindWarning) warnings.push({ path: "kind", text: kindWarning });
  if (given.establishedOn > known.today) {
    const future = text("成立日期晚于今天，请更正。", "The day of establishment is in the future; please correct it.");
    errors.push({ path: "establishedOn", text: future });
  }
  if (given.establishedOn < LONG_AGO) {
    const longAgo = text("成立日期早于 1949 年，请核对。", "It was established before 1949; please check.");
    warnings.push({ path: "establishedOn", text: longAgo });
  }
  return {
    organization: {
      ...given,
      name: normaliseName(given.name),
      creditCode: credit.status === "error" ? given.creditCode : credit.value.code,
    },
    errors,
    warnings,
  };
}

function wrongKind(kind: OrganizationKind, code: string): Text | undefined {
  const beginning = CODE_BEGINNINGS[kind];
  if (beginning === undefined || code.startsWith(beginning)) return undefined;
  return text(
    `此类组织的代码通常以 ${beginning} 开头，请核对类型。`,
    `Codes of this kind usually begin with ${beginning}; please check the kind.`,
  );
}
