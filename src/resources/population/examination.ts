import type { z } from "zod";
import type { InputIssue } from "#kernel/contract/refusal";
import { type Examined, foundInChange } from "#kernel/registers/examined";
import { AGE_YEARS_MAX } from "#lib/identifiers/birth-date";
import type { DivisionKnowledge } from "#lib/identifiers/division-knowledge";
import { checkMobileNumber } from "#lib/identifiers/mobile-number";
import { text } from "#lib/language/text";
import { normaliseName } from "#lib/names/name";
import { type DocumentReading, readDocument } from "./document.ts";
import type { Person } from "./registers.ts";

type PersonValue = z.output<typeof Person>;

export interface Examination extends Examined {
  /** As the register is to have it: numbers and names brought to one form. */
  readonly person: PersonValue;
}

/** What a document says together: when one of them changes, all are looked at again. */
const ON_THE_DOCUMENT = ["documentKind", "documentNumber", "birthDate", "sex", "nationality"];

/** What a change of these attributes answers for. */
export function ofChange(found: Examined, changed: readonly string[]): Examined {
  const document = changed.some((attribute) => ON_THE_DOCUMENT.includes(attribute));
  return foundInChange(found, (path) => changed.includes(path) || (document && ON_THE_DOCUMENT.includes(path)));
}

/** Checks a person's particulars one by one and against each other. */
export function examinePerson(
  given: PersonValue & { readonly issuedBy?: string | undefined },
  known: { readonly today: string; readonly division?: DivisionKnowledge },
): Examination {
  const { issuedBy, ...person } = given;
  const today = Temporal.PlainDate.from(known.today);
  const errors: InputIssue[] = [...birthDateErrors(person.birthDate, today)];
  const warnings: InputIssue[] = [];
  const document = readDocument({
    kind: person.documentKind,
    number: unprefixed(person),
    issuedBy: issuedBy ?? issuerOf(person),
    today,
    ...(known.division && { division: known.division }),
  });
  if ("error" in document) errors.push({ path: "documentNumber", text: document.error });
  else warnings.push(...documentWarnings(person, document));
  const mobile = person.mobile === undefined ? undefined : checkMobileNumber(person.mobile);
  if (mobile?.status === "error") errors.push({ path: "mobile", text: mobile.error });
  return {
    person: {
      ...person,
      name: normaliseName(person.name),
      documentNumber: "error" in document ? person.documentNumber : document.stored,
      ...(mobile && mobile.status !== "error" && { mobile: mobile.value.number }),
    },
    errors,
    warnings,
  };
}

function birthDateErrors(birthDate: string, today: Temporal.PlainDate): readonly InputIssue[] {
  const born = Temporal.PlainDate.from(birthDate);
  if (Temporal.PlainDate.compare(born, today) > 0) {
    const future = text("出生日期晚于今天，请更正。", "The date of birth is in the future; please correct it.");
    return [{ path: "birthDate", text: future }];
  }
  if (Temporal.PlainDate.compare(born.add({ years: AGE_YEARS_MAX }), today) < 0) {
    const longAgo = text("出生日期过早，请核对。", "The date of birth is too long ago; please check it.");
    return [{ path: "birthDate", text: longAgo }];
  }
  return [];
}

function documentWarnings(person: PersonValue, document: DocumentReading): readonly InputIssue[] {
  const warnings: InputIssue[] = document.warnings.map((words) => ({ path: "documentNumber", text: words }));
  if (document.birthDate && document.birthDate.toString() !== person.birthDate) {
    const differs = text(
      `出生日期与证件号码中的 ${document.birthDate} 不一致。`,
      `The date of birth differs from the one in the number, ${document.birthDate}.`,
    );
    warnings.push({ path: "birthDate", text: differs });
  }
  if (document.sex && person.sex !== document.sex) {
    const differs = text("性别与证件号码不一致。", "The sex differs from the one in the number.");
    warnings.push({ path: "sex", text: differs });
  }
  const citizen = person.documentKind === "resident-identity" || person.documentKind === "hmt-residence-permit";
  if (citizen && person.nationality !== "CHN") {
    const differs = text("此类证件的持有人应为中国公民。", "Holders of this document are Chinese citizens.");
    warnings.push({ path: "nationality", text: differs });
  }
  return warnings;
}

/** The number without the state that the register keeps before a passport's. */
function unprefixed(person: PersonValue): string {
  return person.documentKind === "passport" ? person.documentNumber.replace(/^[A-Z]{3}-/, "") : person.documentNumber;
}

function issuerOf(person: PersonValue): string {
  return /^([A-Z]{3})-/.exec(person.documentNumber)?.[1] ?? person.nationality;
}
