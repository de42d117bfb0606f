import { join } from "node:path";
import { type Logger, pino } from "pino";
import { migrate } from "#kernel/database/migrations";
import type { Database } from "#kernel/database/sql";
import { migrateJobs } from "#kernel/jobs/jobs";
import type { Kernel } from "#kernel/system/kernel";
import { readSetting } from "#kernel/system/settings";
import { holdNodeKey } from "../infrastructure/trust/keys/key-processes.ts";
import { type OpenTrust, openTrust } from "../infrastructure/trust/ports.ts";
import { composeKernel } from "./compose.ts";
import { type Configuration, keysOpening } from "./configuration.ts";
import { type GroundOptions, onGround } from "./ground.ts";
import { connectKeys } from "./key-tending.ts";
import { migrationSets } from "./migration-sets.ts";
import { type NodeNetwork, openNetwork } from "./network/open-network.ts";
import { connectNetwork } from "./network.ts";
import { ROOMS } from "./rooms.ts";
import { DEMONSTRATION_SETTING, HOSTS_SETTING, NO_AUTHORITY } from "./settings.ts";
import { settleSuites } from "./suites.ts";
import { zoneOf } from "./zone.ts";

export interface KernelPlace {
  readonly kernel: Kernel;
  readonly database: Database;
  readonly trust: OpenTrust;
  /** Where it was asked for: the way to rooms that other nodes keep. */
  readonly network: NodeNetwork | undefined;
}

/**
 * Runs work on a kernel with every room, for commands that need no pages, and puts everything back. Beside a running node it shares
 * that node's database and keys; otherwise it starts the database itself.
 */
export function onKernel<T>(
  configuration: Configuration,
  options: GroundOptions & { readonly operator?: string; readonly withNetwork?: boolean },
  work: (place: KernelPlace) => Promise<T>,
): Promise<T> {
  return onGround(configuration, options, async ({ ground, database }) => {
    await migrate(database, await migrationSets());
    await migrateJobs(ground.databaseUrl);
    const log = pino({ level: configuration.logLevel }, pino.destination(2));
    const demonstration = (await readSetting<boolean>(database, DEMONSTRATION_SETTING)) ?? false;
    const suites = await settleSuites(database, {
      demonstration,
      wanted: configuration.suites,
      at: Temporal.Now.instant().toString(),
    });
    const trust = await openTrust({
      folder: join(ground.dataFolder.path, "keys"),
      operator: options.operator ?? operatorOf(demonstration),
      at: Temporal.Now.instant().toString(),
      demonstration,
      database,
      suites,
      ...keysOpening(configuration),
    });
    const release = await holdNodeKey({
      ...{ database, nodeKey: trust.nodeKey },
      onFault: (fault) => log.error({ code: (fault as { code?: unknown }).code }, "following the node's key failed"),
    });
    try {
      return await withKernel({ options, database, trust, demonstration, log, folder: ground.dataFolder.path }, work);
    } finally {
      await release();
    }
  });
}

async function withKernel<T>(
  place: {
    readonly options: GroundOptions & { readonly withNetwork?: boolean };
    readonly database: Database;
    readonly trust: OpenTrust;
    readonly demonstration: boolean;
    readonly log: Logger;
    readonly folder: string;
  },
  work: (place: KernelPlace) => Promise<T>,
): Promise<T> {
  const { options, database, trust, demonstration, log, folder } = place;
  const network = options.withNetwork
    ? await openNetwork({
        ...{ database, keys: trust.nodeKeys, systems: ROOMS, kernelOf: () => kernel, listen: undefined, log },
        report: options.report ?? (() => undefined),
      })
    : undefined;
  const hosts = (await readSetting<Record<string, string>>(database, HOSTS_SETTING)) ?? {};
  const kernel: Kernel = await composeKernel({
    ...{ database, elsewhere: network?.elsewhere },
    systems: ROOMS,
    keys: trust.keys,
    suites: trust.suites,
    checkpointSigner: trust.checkpointSigner,
    filesFolder: join(folder, "files"),
    zone: await zoneOf(database),
    authorityOf: (room) => hosts[room] ?? hosts["*"] ?? NO_AUTHORITY,
    oneWith: network && ((authority) => network.nodes.oneWith(authority)),
    onLedgerFault: (fault) => log.error({ code: (fault as { code?: unknown }).code }, "ledger round failed"),
  });
  connectKeys(kernel, trust);
  await connectNetwork(kernel, { trust, name: operatorOf(demonstration) });
  await network?.connect(kernel);
  try {
    return await work({ kernel, database, trust, network });
  } finally {
    await network?.stop();
  }
}

/** In whose name the node's root certificate is made, if it is made now. */
export function operatorOf(demonstration: boolean): string {
  return demonstration ? "清源县（演示）" : "政通节点";
}
