import { type Text, text } from "#lib/language/text";
import {
  type DivisionKnowledge,
  divisionWarnings,
  isSyntheticDivision,
  SYNTHETIC_DIVISION_PREFIX,
} from "./division-knowledge.ts";
import { accepted, type IdentifierResult, normaliseIdentifier, rejected } from "./identifier-result.ts";

/** What a unified social credit code (统一社会信用代码, GB 32100-2015) says. */
export interface UnifiedSocialCredit {
  readonly code: string;
  /** First character: who registers (1 establishment of posts, 5 civil affairs, 9 market regulation, …). */
  readonly registrar: string;
  /** Second character: the kind, whose meaning depends on the registrar (91 enterprise, 92 individual business, 93 cooperative). */
  readonly kind: string;
  readonly division: string;
  /** Characters 9 to 17: the organization code of GB 11714. */
  readonly organizationCode: string;
  readonly synthetic: boolean;
}

export type UnifiedSocialCreditFault = "length" | "characters" | "check-character";

// GB 32100-2015 table 2: without I, O, S, V, Z, which look like digits or each other.
const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const REGISTRARS = "123456789ANY";
const ORGANIZATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

/** GB 32100-2015 §5: the 18th character of 17. */
export function unifiedSocialCreditCheck(body: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of body) {
    sum += ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return ALPHABET[(31 - (sum % 31)) % 31] ?? "";
}

/** GB 11714-1997: the ninth character of eight. */
export function organizationCodeCheck(body: string): string {
  let sum = 0;
  for (let at = 0; at < 8; at++) sum += Number.parseInt(body[at] ?? "0", 36) * (ORGANIZATION_WEIGHTS[at] ?? 0);
  const check = 11 - (sum % 11);
  return check === 10 ? "X" : check === 11 ? "0" : String(check);
}

export function checkUnifiedSocialCredit(
  input: string,
  options: { readonly division?: DivisionKnowledge } = {},
): IdentifierResult<UnifiedSocialCredit, UnifiedSocialCreditFault> {
  const code = normaliseIdentifier(input);
  if (code.length !== 18) {
    return rejected(
      "length",
      text("统一社会信用代码应为18位，请核对位数。", "A unified social credit code has 18 characters; count them."),
    );
  }
  if (!/^[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}$/.test(code)) {
    return rejected(
      "characters",
      text(
        "统一社会信用代码不含字母 I、O、S、V、Z，第3至8位为数字。",
        "The code has no letters I, O, S, V or Z, and digits in places 3 to 8.",
      ),
    );
  }
  if (unifiedSocialCreditCheck(code.slice(0, 17)) !== code[17]) {
    return rejected(
      "check-character",
      text(
        "统一社会信用代码校验不符，可能有一位填错，请对照营业执照核对。",
        "The check character does not fit: one character is probably wrong; compare with the business licence.",
      ),
    );
  }
  const division = code.slice(2, 8);
  const organizationCode = code.slice(8, 17);
  return accepted(
    {
      code,
      registrar: code.charAt(0),
      kind: code.charAt(1),
      division,
      organizationCode,
      synthetic: isSyntheticDivision(division),
    },
    warningsOf(code, options.division),
  );
}

function warningsOf(code: string, knowledge: DivisionKnowledge | undefined): readonly Text[] {
  const warnings: Text[] = [];
  if (!REGISTRARS.includes(code.charAt(0))) {
    warnings.push(
      text("首位登记管理部门代码不常见，请核对。", "The first character names no known registrar; check it."),
    );
  }
  // 100000 is the whole country: codes given by a central body.
  const division = code.slice(2, 8);
  if (division !== "100000") warnings.push(...divisionWarnings(division, knowledge));
  if (organizationCodeCheck(code.slice(8, 16)) !== code[16]) {
    warnings.push(
      text(
        "其中的组织机构代码校验不符（实际发出的代码中有此情况），请对照营业执照核对。",
        "The organization code inside does not fit its check, as happens with some issued codes; compare with the business licence.",
      ),
    );
  }
  return warnings;
}

/**
 * Makes a valid code that belongs to nobody: its division begins with 99.
 * @param parts.kind registrar and kind: `91` enterprise, `92` individual business, `52` social service body …
 * @param parts.division four digits that follow the prefix 99
 * @param parts.sequence 0–9,999,999
 */
export function syntheticUnifiedSocialCredit(parts: {
  readonly kind: string;
  readonly division: string;
  readonly sequence: number;
}): string {
  const organization = `M${String(parts.sequence).padStart(7, "0")}`;
  const body = `${parts.kind}${SYNTHETIC_DIVISION_PREFIX}${parts.division}${organization}${organizationCodeCheck(organization)}`;
  if (!/^[0-9A-HJ-NP-RTUWXY]{2}\d{6}M\d{7}[\dX]$/.test(body)) {
    throw new RangeError("kind must be two characters, division four digits, sequence 0 to 9,999,999");
  }
  return body + unifiedSocialCreditCheck(body);
}
