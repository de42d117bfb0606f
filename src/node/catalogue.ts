import type { Kernel } from "#kernel/system/kernel";
import { CATALOGUE_POLICIES, putInForce, watchCatalogue } from "../infrastructure/catalogue/policies-in-force.ts";
import { provideCataloguePorts } from "../infrastructure/catalogue/ports.ts";

/** Joins the catalogue to the contracts that it describes and the access that follows it. A node without that room shares by contracts alone. */
export async function connectCatalogue(kernel: Kernel): Promise<void> {
  const { access, database } = kernel;
  if (!kernel.systems.has("catalogue")) {
    await access.replace(database, CATALOGUE_POLICIES, []);
    return;
  }
  const contracts = [...kernel.systems.values()].map(({ contract }) => contract);
  provideCataloguePorts({ access, contracts, keeperOf: kernel.authorityOf });
  await putInForce(database, kernel.now());
}

/** Sees what other processes on the same database decide; gives what stops it. */
export function watchSharing(kernel: Kernel, onFault: (fault: unknown) => void): Promise<() => Promise<void>> {
  if (!kernel.systems.has("catalogue")) return Promise.resolve(async () => undefined);
  return watchCatalogue({ database: kernel.database, now: kernel.now, onFault });
}
