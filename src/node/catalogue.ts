import { catalogue } from "#infrastructure/catalogue";
import { isRefusal } from "#kernel/contract/refusal";
import type { Database } from "#kernel/database/sql";
import { frontOf } from "#kernel/http/pages";
import { addJob, type JobTask } from "#kernel/jobs/jobs";
import type { LedgerSubject } from "#kernel/ledger/entry";
import type { RegisterGrants, UseRecords } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import type { System } from "#kernel/system/system";
import type { Vault } from "#kernel/vault/vault";
import { CATALOGUE_POLICIES, putInForce, watchCatalogue } from "../infrastructure/catalogue/policies-in-force.ts";
import { provideCataloguePorts } from "../infrastructure/catalogue/ports.ts";
import { clientGrants } from "../infrastructure/catalogue/quotas.ts";
import { registerGrants } from "../infrastructure/catalogue/register-grants.ts";
import { systemOf } from "../infrastructure/catalogue/systems.ts";
import { subjectName, useRecords } from "../infrastructure/catalogue/use-records.ts";
import { codeOfAuthority } from "../infrastructure/exchange/xroad/authorities.ts";
import type { GrantedCalls } from "../infrastructure/exchange/xroad/ports.ts";
import { nodeActOf } from "./node-act.ts";

const TEND_SHARING = "tend-sharing";
/** How often it is looked whose time is over. */
const LOOK_MS = 3_600_000;

/** Joins the catalogue to the contracts that it describes and the access that follows it. A node without that room shares by contracts alone. */
export async function connectCatalogue(kernel: Kernel): Promise<void> {
  const { access, database } = kernel;
  if (!kernel.systems.has(catalogue.id)) {
    await access.replace(database, CATALOGUE_POLICIES, []);
    return;
  }
  const contracts = [...kernel.systems.values()].map(({ contract }) => contract);
  const { routes } = kernel.elsewhere ?? {};
  provideCataloguePorts(database, {
    ...{ access, contracts, keeperOf: kernel.authorityOf },
    isKept: (room) => routes === undefined || routes.hostOf(room, undefined).kind === "here",
    listedAuthorities: () => routes?.authorities?.() ?? [],
  });
  await putInForce(database, kernel.now());
}

/** Counts what is used by right of grants. A node without the catalogue has none. */
export function usesOf(systems: readonly System[], database: Database, vault: Vault): UseRecords | undefined {
  if (!systems.some(({ contract }) => contract.id === catalogue.id)) return undefined;
  return useRecords(database, subjectDigest(vault));
}

/** What other nodes may have of registers by grants. */
export function grantsOf(systems: readonly System[], database: Database, vault: Vault): RegisterGrants | undefined {
  if (!systems.some(({ contract }) => contract.id === catalogue.id)) return undefined;
  return registerGrants(database, subjectDigest(vault));
}

/** What grants open to foreign systems at this node's edge. */
export async function grantedCalls(kernel: Kernel, self: string, now: string): Promise<readonly GrantedCalls[]> {
  if (!kernel.systems.has(catalogue.id)) return [];
  const calls = (await clientGrants(kernel.database, now)).map(async (grant): Promise<readonly GrantedCalls[]> => {
    const [room = "", operation = ""] = grant.resource.split(".");
    const authorityCode = await codeOfAuthority(kernel, kernel.authorityOf(room));
    if (authorityCode === undefined) return [];
    const legalBasis = [{ law: { zh: grant.law, en: grant.law }, article: grant.article }];
    return grant.systems.flatMap((written) => {
      const system = systemOf(written);
      if (system?.kind !== "client" || system.node !== self) return [];
      const { number, purposes, until } = grant;
      return [
        { ...{ grant: number, client: system.client, room, operation, authorityCode }, purposes, legalBasis, until },
      ];
    });
  });
  return (await Promise.all(calls)).flat();
}

/** How records of use name whom an answer spoke of: a keyed digest, by which a correction finds them and nobody else. */
function subjectDigest(vault: Vault): (subject: Pick<LedgerSubject, "kind" | "id">) => Uint8Array {
  return (subject) => vault.blind(`room ${catalogue.id}`, subjectName(subject));
}

/** Sees what other processes on the same database decide; gives what stops it. */
export function watchSharing(kernel: Kernel, onFault: (fault: unknown) => void): Promise<() => Promise<void>> {
  if (!kernel.systems.has(catalogue.id)) return Promise.resolve(async () => undefined);
  return watchCatalogue({ database: kernel.database, now: kernel.now, onFault });
}

/** The job that follows the clocks of sharing; it adds itself again, under one key, and so runs in one process. */
export function sharingJobs(kernel: Kernel): Readonly<Record<string, JobTask>> {
  if (!kernel.systems.has(catalogue.id)) return {};
  const again = (milliseconds: number) =>
    addJob(
      kernel.database,
      TEND_SHARING,
      {},
      {
        key: TEND_SHARING,
        // Jobs run by the clock of the machine, whatever the clock of the rooms says.
        runAt: Temporal.Now.instant().add({ milliseconds }).toString(),
        yields: true,
      },
    );
  return {
    [TEND_SHARING]: async () => {
      await again(LOOK_MS);
      const done = await frontOf(kernel, catalogue, () => nodeActOf(kernel, catalogue.id)).tendSharing({});
      if (!isRefusal(done) && done.more) await again(0);
    },
  };
}

/** Begins it, at each start of a node. */
export async function startSharing(kernel: Kernel): Promise<void> {
  if (!kernel.systems.has(catalogue.id)) return;
  await addJob(kernel.database, TEND_SHARING, {}, { key: TEND_SHARING, yields: true });
}
