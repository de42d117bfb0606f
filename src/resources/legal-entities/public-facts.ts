import type { z } from "zod";
import type { Entry } from "#kernel/registers/handle";
import type { Organization } from "./registers.ts";

/** What anyone may know of an organization. */
export function publicFacts({ key, value }: Entry<z.output<typeof Organization>>) {
  const { representative: _, changeReason: __, ...facts } = value;
  return { id: key, ...facts };
}
