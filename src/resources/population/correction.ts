import type { z } from "zod";
import { type CorrectableAttribute, Person, SEXES } from "./registers.ts";

type PersonValue = z.output<typeof Person>;

/** A person's entry with one attribute as it is claimed to be; undefined when the claim is no value of that attribute. */
export function withClaim(
  person: PersonValue,
  attribute: CorrectableAttribute,
  claim: string,
): PersonValue | undefined {
  const value = attribute === "sex" ? sexOf(claim) : claim.trim();
  const checked = Person.shape[attribute].safeParse(value);
  return checked.success ? { ...person, [attribute]: checked.data } : undefined;
}

/** People write 男 or "female", the register has a code. */
function sexOf(claim: string): string {
  const wanted = claim.trim().toLowerCase();
  for (const [code, title] of Object.entries(SEXES)) {
    if (wanted === code || wanted === title.zh || wanted === title.en.toLowerCase()) return code;
  }
  return claim;
}
