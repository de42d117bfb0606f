import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { AUTHORITY_CLASS } from "#lib/xroad/house-names";
import { clientText, readClient } from "#lib/xroad/identifier";
import { codeOfAuthority } from "./authorities.ts";
import { type EdgePorts, edgePorts } from "./ports.ts";

/** The room in whose name something is asked. */
export function askingRoom({ via, principal }: Act): string {
  return via ?? (principal.kind === "node" ? principal.room : "");
}

/** A room of this node as it is called at the edge: `ZT/GOV/990101-scjg/quality`; undefined where nobody keeps it. */
export async function clientOfRoom(kernel: Kernel, room: string): Promise<string | undefined> {
  const { instance, contracts, keeperOf } = edgePorts(kernel.database);
  if (!contracts.some(({ id }) => id === room)) return undefined;
  const memberCode = await codeOfAuthority(kernel, keeperOf(room));
  return memberCode === undefined
    ? undefined
    : clientText({ instance, memberClass: AUTHORITY_CLASS, memberCode, subsystem: room });
}

/** The room that an identifier names, and the code of the authority that is said to keep it; undefined where it names none of ours. */
export function ownRoom(
  client: string,
  { instance, contracts }: Pick<EdgePorts, "instance" | "contracts">,
): { readonly room: string; readonly authorityCode: string } | undefined {
  const read = readClient(client);
  const { subsystem } = read ?? {};
  if (read?.instance !== instance || read.memberClass !== AUTHORITY_CLASS || subsystem === undefined) return undefined;
  return contracts.some(({ id }) => id === subsystem) ? { room: subsystem, authorityCode: read.memberCode } : undefined;
}
