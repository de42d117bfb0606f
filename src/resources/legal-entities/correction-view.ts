import type { z } from "zod";
import type { Entry } from "#kernel/registers/handle";
import type { Registers } from "./implement.ts";
import type { CorrectionRequest } from "./registers.ts";

/** A request for correction as lists show it, with the organization's name of today. */
export async function correctionView(registers: Registers, request: Entry<z.output<typeof CorrectionRequest>>) {
  const organization = await registers.organization.get(request.value.organization);
  const organizationName = organization?.value.name ?? "";
  return { id: request.key, ...request.value, organizationName, recordedAt: request.recordedFrom };
}
