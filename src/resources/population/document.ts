import type { DivisionKnowledge } from "#lib/identifiers/division-knowledge";
import type { IdentifierResult } from "#lib/identifiers/identifier-result";
import { checkPassport } from "#lib/identifiers/passport";
import { checkPermanentResidencePermit, checkRegionalResidencePermit } from "#lib/identifiers/residence-permit";
import { checkResidentIdentity } from "#lib/identifiers/resident-identity";
import type { Text } from "#lib/language/text";
import type { DocumentKind } from "./registers.ts";

/** What the number of an identity document itself says of its holder. */
export interface DocumentReading {
  /** As the register keeps it. */
  readonly stored: string;
  readonly birthDate?: Temporal.PlainDate;
  readonly sex?: "male" | "female";
  readonly warnings: readonly Text[];
}

interface DocumentGiven {
  readonly kind: DocumentKind;
  readonly number: string;
  readonly issuedBy: string;
  readonly today: Temporal.PlainDate;
  readonly division?: DivisionKnowledge;
}

/** Reads and checks a document's number, or says what is wrong with it. */
export function readDocument(given: DocumentGiven): DocumentReading | { readonly error: Text } {
  const { number, today } = given;
  switch (given.kind) {
    case "resident-identity":
      return reading(checkResidentIdentity(number, { today, ...(given.division && { division: given.division }) }));
    case "hmt-residence-permit":
      return reading(checkRegionalResidencePermit(number, { today }));
    case "foreign-permanent-residence":
      return reading(checkPermanentResidencePermit(number, { today }));
    case "passport": {
      const result = checkPassport(number, { issuedBy: given.issuedBy });
      if (result.status === "error") return { error: result.error };
      // Two states may give the same number: with its state before it, a passport's number is one person's alone.
      return { stored: `${result.value.issuedBy}-${result.value.number}`, warnings: [] };
    }
  }
}

interface Read {
  readonly number: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex?: "male" | "female";
}

function reading(result: IdentifierResult<Read>): DocumentReading | { readonly error: Text } {
  if (result.status === "error") return { error: result.error };
  const { number, birthDate, sex } = result.value;
  return {
    stored: number,
    birthDate,
    ...(sex && { sex }),
    warnings: result.status === "warning" ? result.warnings : [],
  };
}
