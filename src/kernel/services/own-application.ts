import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, readApplication } from "./application.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** A case of the acting person, whoever filed it for them; to everyone else it is not there. */
export async function ownApplication(kernel: Kernel, act: Act, caseId: string): Promise<Application | ServiceRefusal> {
  const application = await readApplication(kernel, kernel.database, caseId);
  const { principal } = act;
  if (!application || principal.kind !== "person") return serviceRefusal("services", "case-unknown");
  const own = application.applicant.personId === principal.id;
  const acts = act.onBehalfOf !== undefined && application.applicant.id === act.onBehalfOf.id;
  return own || acts ? application : serviceRefusal("services", "case-unknown");
}
