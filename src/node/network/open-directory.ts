/** The directory of a node, wired: its room, its keys, whoever issues certificates. */
import type { Logger } from "pino";
import { directory } from "#infrastructure/directory";
import { trust as trustRoom } from "#infrastructure/trust";
import type { Fault } from "#kernel/errors/fault";
import { frontOf } from "#kernel/http/pages";
import type { NodeKeys } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import type { System } from "#kernel/system/system";
import { isText, type Text } from "#lib/language/text";
import { NodeDirectory } from "../../infrastructure/directory/network/node-directory.ts";
import { nodeActOf } from "../node-act.ts";
import type { Issue } from "./membership.ts";

/** What an operator must look at: in the log, and where there are words for him, on the terminal. */
export function tellIncident(
  incident: Text | Fault,
  { log, report }: { readonly log: Logger; readonly report: (progress: Text) => void },
): void {
  if (isText(incident)) report(incident);
  else log.error({ code: incident.code, reason: incident.message }, "directory of nodes");
}

/** Rooms that each node keeps for itself. */
export function ownRoomsOf(systems: readonly System[]): ReadonlySet<string> {
  return new Set(systems.filter(({ contract }) => contract.ofEveryNode).map(({ contract }) => contract.id));
}

/** Certificates of nodes, from this node's authority for nodes. */
export function issuer(kernel: Kernel): Issue {
  return async ({ request, host, holder, idempotencyKey }) =>
    await frontOf(kernel, trustRoom, () => ({
      ...nodeActOf(kernel, trustRoom.id),
      idempotencyKey,
    })).issueNodeCertificate({ request, hosts: [host], holder });
}

/** Certificates that this node issued, of a key that its node lost. */
async function revokeLost(kernel: Kernel, fingerprints: readonly string[]): Promise<void> {
  const front = frontOf(kernel, trustRoom, () => nodeActOf(kernel, trustRoom.id));
  await front.revokeLostCertificates({ fingerprints: [...fingerprints] });
}

/** @param kernelOf is asked when something is done: the kernel itself is made with this directory's routes */
export function nodeDirectory(options: {
  readonly database: Kernel["database"];
  readonly kernelOf: () => Kernel;
  readonly keys: NodeKeys;
  readonly systems: readonly System[];
  readonly now?: (() => string) | undefined;
  readonly onIncident?: (incident: Text | Fault) => void;
}): NodeDirectory {
  const { database, kernelOf, keys, systems, now, onIncident } = options;
  return new NodeDirectory({
    ...{ database, keys },
    front: (idempotencyKey) =>
      frontOf(kernelOf(), directory, () => ({ ...nodeActOf(kernelOf(), directory.id), idempotencyKey })),
    issue: (asked) => issuer(kernelOf())(asked),
    revoke: (fingerprints) => revokeLost(kernelOf(), fingerprints),
    ownRooms: ownRoomsOf(systems),
    now: now ?? (() => Temporal.Now.instant().toString()),
    ...(onIncident && { onIncident }),
  });
}
