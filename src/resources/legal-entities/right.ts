import type { z } from "zod";
import type { Entry } from "#kernel/registers/handle";
import type { Authorization, Organization, OrganizationKind } from "./registers.ts";

type AuthorizationValue = z.output<typeof Authorization>;

/** What the person at the head of an organization is called; an individual business has no legal representative. */
export function headRight(kind: OrganizationKind): "legal-representative" | "operator" {
  return kind === "individual-business" ? "operator" : "legal-representative";
}

/** Whether an authorization holds on a day, both ends included. */
export function isValidOn(authorization: AuthorizationValue, day: string): boolean {
  return authorization.revokedAt === undefined && authorization.from <= day && day <= authorization.to;
}

/**
 * By which right a person acts for an organization on a day. An authorization that was given by someone who is not its
 * representative any more still holds: it was the organization's (民法典 §61), until it is revoked.
 */
export function rightOf(
  person: string,
  organization: Entry<z.output<typeof Organization>>,
  authorizations: readonly Entry<AuthorizationValue>[],
  day: string,
):
  | { readonly right: "legal-representative" | "operator" | "agent"; readonly authorization?: AuthorizationValue }
  | undefined {
  if (organization.value.representative === person) return { right: headRight(organization.value.kind) };
  const authorization = authorizations.find(
    ({ value }) => value.agent === person && value.organization === organization.key && isValidOn(value, day),
  );
  return authorization && { right: "agent", authorization: authorization.value };
}
