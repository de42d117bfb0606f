import type { Contract, Operation } from "#kernel/contract/contract";
import { roomOfService } from "#lib/xroad/house-names";
import type { ServiceId } from "#lib/xroad/identifier";
import { edgePorts } from "./ports.ts";

/** Whether an operation can be opened to systems that are not ours: those that persons or officials alone do cannot. */
export function isOpenable({ audience, assurance }: Operation): boolean {
  return (audience.includes("node") || audience.includes("public")) && assurance === undefined;
}

/** The contract of the room that a service stands for, in the major version that it names; undefined where this node knows none. */
export function offeredContract(service: ServiceId): Contract | undefined {
  const { instance, contracts } = edgePorts();
  const offered = roomOfService(service);
  if (offered === undefined || service.instance !== instance) return undefined;
  const contract = contracts.find(({ id }) => id === offered.room);
  return contract && majorOf(contract) === offered.major ? contract : undefined;
}

export function majorOf({ version }: Contract): number {
  return Number(version.split(".")[0]);
}

/** The operations of a room that can be opened. */
export function openableOperations(contract: Contract): readonly (readonly [string, Operation])[] {
  return Object.entries(contract.operations).filter(([, operation]) => isOpenable(operation));
}
