/** What the command that reads media needs of this room and no operation may give: the keys of a package. */
import type { Kernel } from "#kernel/system/kernel";
import type { PieceKeys } from "#lib/crypto/recipient";
import type { ContainerHead } from "#lib/ferry/container";
import { packageKeys } from "./ferry-keys.ts";
import type { Item } from "./packages.ts";

/** The label under which the kernel seals this room's secrets (`kernel/system/open-context.ts`). */
const SEALED_BY = "room network";

type Place = Pick<Kernel, "database" | "vault">;

/** The keys of one package that was encrypted for this node; undefined where it was not. */
export function packageKeysOf(
  { database, vault }: Place,
  sealed: { readonly head: ContainerHead; readonly wrapped: Uint8Array },
): Promise<PieceKeys | undefined> {
  return packageKeys(database, { open: (secret, of) => vault.open(SEALED_BY, secret, of) }, sealed);
}

export interface PendingCall {
  readonly arrival: string;
  readonly package: string;
  readonly place: number;
  readonly digest: string;
  readonly target: NonNullable<Item["target"]>;
}

const PENDING_MAX = 1_000;

/** Calls of accepted packages that were not done yet, in the order in which they were sent. */
export async function pendingCalls({ database }: Pick<Place, "database">): Promise<readonly PendingCall[]> {
  return await database.query<PendingCall>(
    `SELECT a.id AS arrival, a.package, i.place, i.digest, i.target
     FROM network.ferry_arrived_item i JOIN network.ferry_arrival a ON a.id = i.arrival
     WHERE i.kind = 'call' AND i.outcome IS NULL AND a.outcome = 'accepted'
     ORDER BY a.from_node, a.sequence, i.place LIMIT ${PENDING_MAX}`,
  );
}
