import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, readApplication, type ServiceRef } from "./application.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** A case of the acting person, whoever filed it for them; to everyone else it is not there. */
export async function ownApplication(kernel: Kernel, act: Act, caseId: string): Promise<Application | ServiceRefusal> {
  const application = await readApplication(kernel, kernel.database, caseId);
  return application && isOwn(act, application) ? application : serviceRefusal("services", "case-unknown");
}

/** Whether a case is the acting person's own, or the organization's for which they act. */
export function isOwn(act: Act, application: Omit<Application, "materials">): boolean {
  const { principal, onBehalfOf } = act;
  const { applicant } = application;
  if (principal.kind !== "person") return false;
  if (applicant.personId === principal.id) return true;
  return onBehalfOf !== undefined && applicant.id === onBehalfOf.id && isWithinPower(act, application);
}

/** Whether an agent's power reaches a service; whoever's power has no such bound acts in all. */
export function isWithinPower({ onBehalfOf }: Act, { room, service }: ServiceRef): boolean {
  return onBehalfOf?.services === undefined || onBehalfOf.services.includes(`${room}.${service}`);
}
