import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";

/** An act of the node itself. */
export function nodeActOf(kernel: Kernel, room: string): Act {
  return {
    id: kernel.newId(),
    principal: { kind: "node", room },
    purpose: "administration",
    legalBasis: [],
    zone: kernel.zone,
    language: "zh",
    at: kernel.now(),
  };
}
