import { directory } from "#infrastructure/directory";
import { frontOf } from "#kernel/http/pages";
import type { Kernel } from "#kernel/system/kernel";
import { provideDutiesCheck } from "../infrastructure/directory/duties-check.ts";
import { dutiesObjection, putInForce, SECURITY_POLICIES, watchChanges } from "../infrastructure/security/in-force.ts";
import { provideSecurityPorts } from "../infrastructure/security/ports.ts";
import { nodeActOf } from "./node-act.ts";

/** Joins the room that keeps further policies to the access that they change. A node without that room decides by contracts alone. */
export async function connectSecurity(kernel: Kernel): Promise<void> {
  const { access, database } = kernel;
  if (!kernel.systems.has("security")) {
    provideDutiesCheck(undefined);
    await access.replace(database, SECURITY_POLICIES, []);
    return;
  }
  const contracts = [...kernel.systems.values()].map(({ contract }) => contract);
  provideSecurityPorts({ access, contracts, keeperOf: kernel.authorityOf });
  const doors = directoryDoors(kernel);
  provideDutiesCheck((post) => dutiesObjection(database, doors, post, kernel.now()));
  await putInForce(access, database, doors);
}

/** Sees what other processes on the same database approve; gives what stops it. */
export function watchSecurity(kernel: Kernel, onFault: (fault: unknown) => void): Promise<() => Promise<void>> {
  const { access, database } = kernel;
  return watchChanges({ access, database, directory: directoryDoors(kernel), onFault });
}

function directoryDoors(kernel: Kernel) {
  return frontOf(kernel, directory, () => nodeActOf(kernel, directory.id));
}
