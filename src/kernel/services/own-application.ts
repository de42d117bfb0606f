import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, readApplication } from "./application.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** A case of the acting person, whoever filed it for them; to everyone else it is not there. */
export async function ownApplication(kernel: Kernel, act: Act, caseId: string): Promise<Application | ServiceRefusal> {
  const application = await readApplication(kernel, kernel.database, caseId);
  return application && isOwn(act, application) ? application : serviceRefusal("services", "case-unknown");
}

/** Whether a case is the acting person's own, or the organization's for which they act. */
export function isOwn({ principal, onBehalfOf }: Act, { applicant }: Application): boolean {
  if (principal.kind !== "person") return false;
  return applicant.personId === principal.id || (onBehalfOf !== undefined && applicant.id === onBehalfOf.id);
}
