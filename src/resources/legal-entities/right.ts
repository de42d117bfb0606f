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

/** What is to be done in the organization's name. */
export interface Needed {
  /** `quality.foodBusinessLicence` */
  readonly service: string;
  readonly isLicence: boolean;
}

/** Whether an agent may do something; asked about nothing in particular, whether he may do anything. */
export function covers({ scope, service }: AuthorizationValue, needed: Needed | undefined): boolean {
  if (needed === undefined || scope === "all-services") return true;
  return scope === "licensing" ? needed.isLicence : service === needed.service;
}

/**
 * By which right a person acts for an organization on a day. An authorization that was given by someone who is not its
 * representative any more still holds: it was the organization's (民法典 §61), until it is revoked.
 */
export function rightOf(
  person: string,
  organization: Entry<z.output<typeof Organization>>,
  authorizations: readonly Entry<AuthorizationValue>[],
  { day, needed }: { readonly day: string; readonly needed?: Needed | undefined },
):
  | {
      readonly right: "legal-representative" | "operator" | "agent";
      readonly authorization?: AuthorizationValue;
      /** Of an agent who has nothing but authorizations for one service each: for which. */
      readonly services?: readonly string[];
    }
  | undefined {
  if (organization.value.representative === person) return { right: headRight(organization.value.kind) };
  const held = authorizations
    .map(({ value }) => value)
    .filter((value) => value.agent === person && value.organization === organization.key && isValidOn(value, day));
  const authorization = held.find((value) => covers(value, needed));
  if (authorization === undefined) return undefined;
  const services = held.every(({ scope }) => scope === "one-service") && held.map(({ service }) => service ?? "");
  return { right: "agent", authorization, ...(services && { services }) };
}
