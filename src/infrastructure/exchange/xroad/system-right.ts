import type { Citation } from "#kernel/contract/citation";
import type { Purpose } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { roomOfService } from "#lib/xroad/house-names";
import { readService } from "#lib/xroad/identifier";
import { registrations } from "./in-force.ts";
import { majorOf } from "./offered.ts";
import { edgePorts } from "./ports.ts";

/** By which right a registered system calls an operation of a room of ours; the same one that the edge finds. */
export interface SystemRight {
  readonly id: string;
  /** The node at whose edge it is registered: this one. */
  readonly self: string;
  readonly purpose: Purpose;
  readonly legalBasis: readonly Citation[];
}

export function systemRight(
  kernel: Kernel,
  client: string,
  wanted: {
    readonly room: string;
    readonly operation: string;
    /** Absent: of any purpose. */
    readonly purpose: Purpose | undefined;
    readonly at: string;
  },
): SystemRight | "unknown-system" | "no-right" {
  const { self, instance, contracts } = edgePorts(kernel.database);
  const known = registrations(kernel.database);
  if (known.system(client) === undefined) return "unknown-system";
  const contract = contracts.find(({ id }) => id === wanted.room);
  const right = known.rightsOf(client).find((one) => {
    const service = readService(one.service);
    const offered = service?.instance === instance ? roomOfService(service) : undefined;
    return (
      contract !== undefined &&
      offered?.room === wanted.room &&
      offered.major === majorOf(contract) &&
      one.endpoints.includes(wanted.operation) &&
      (one.node ?? self) === self &&
      one.untilMs > Date.parse(wanted.at) &&
      (wanted.purpose === undefined || one.purpose === wanted.purpose)
    );
  });
  if (right === undefined) return "no-right";
  return { id: right.id, self, purpose: right.purpose as Purpose, legalBasis: right.legalBasis };
}
