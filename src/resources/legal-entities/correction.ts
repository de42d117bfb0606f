import type { OrganizationValue } from "./examination.ts";
import { type CorrectableAttribute, Organization } from "./registers.ts";

/** An organization's entry with one attribute as it is claimed to be; undefined when the claim is no value of that attribute. */
export function withClaim(
  organization: OrganizationValue,
  attribute: CorrectableAttribute,
  claim: string,
): OrganizationValue | undefined {
  const checked = Organization.shape[attribute].safeParse(claim.trim());
  return checked.success ? { ...organization, [attribute]: checked.data } : undefined;
}
