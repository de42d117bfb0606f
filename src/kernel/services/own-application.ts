import type { Act } from "../system/act.ts";
import type { Applicant } from "../system/context.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, readApplication, type ServiceRef } from "./application.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** A case of the acting person, whoever filed it for them; to everyone else it is not there. */
export async function ownApplication(kernel: Kernel, act: Act, caseId: string): Promise<Application | ServiceRefusal> {
  const application = await readApplication(kernel, kernel.database, caseId);
  return application && isOwn(act, application) ? application : serviceRefusal("services", "case-unknown");
}

/** Whether a case is the acting person's own, or of the person or organization for whom they act. */
export function isOwn(act: Act, application: Omit<Application, "materials">): boolean {
  const { principal } = act;
  const { applicant } = application;
  if (principal.kind !== "person") return false;
  if (applicant.personId === principal.id) return true;
  // Who was applied for by another sees it as well.
  if (applicant.kind === "person" && applicant.id === principal.id) return true;
  return isRepresented(act, applicant) && isWithinPower(act, application);
}

/** Whether a person acts, here and now, for the one who applies. */
export function actsForApplicant(
  act: Act,
  { applicant, ...ref }: ServiceRef & { readonly applicant: Applicant },
): boolean {
  const { principal, onBehalfOf } = act;
  if (principal.kind !== "person") return false;
  if (onBehalfOf === undefined) return applicant.kind === "person" && applicant.id === principal.id;
  return isRepresented(act, applicant) && isWithinPower(act, ref);
}

/** Whether someone is the one in whose name the act is done. */
export function isRepresented(
  { onBehalfOf }: Act,
  { kind, id }: { readonly kind: "person" | "organization"; readonly id: string },
): boolean {
  return onBehalfOf !== undefined && onBehalfOf.kind === kind && onBehalfOf.id === id;
}

/** Whether an agent's power reaches a service; whoever's power has no such bound acts in all. */
export function isWithinPower({ onBehalfOf }: Act, { room, service }: ServiceRef): boolean {
  return onBehalfOf?.services === undefined || onBehalfOf.services.includes(`${room}.${service}`);
}
