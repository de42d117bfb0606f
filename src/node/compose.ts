import { readFile } from "node:fs/promises";
import { compileAccess } from "#kernel/access/access";
import { LiveAccess } from "#kernel/access/live-access";
import { type PolicySources, readPolicies } from "#kernel/access/policy-sources";
import type { Database } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { createFileStore } from "#kernel/files/file-store";
import { ledgerKeys } from "#kernel/ledger/keys";
import { Ledger } from "#kernel/ledger/ledger";
import { PeriodKeys } from "#kernel/ledger/period-keys";
import type { CheckpointSigner, KeyMaterial } from "#kernel/ports";
import { openProcedures } from "#kernel/procedures/open-procedures";
import { randomUuid } from "#kernel/random";
import { ensureRegister } from "#kernel/registers/ensure-register";
import { openRegister, type RegisterStore } from "#kernel/registers/register-store";
import { contentPeriods, contentYears } from "#kernel/services/ledger-retention";
import type { Zone } from "#kernel/system/act";
import type { Elsewhere } from "#kernel/system/elsewhere";
import type { Kernel } from "#kernel/system/kernel";
import { perform } from "#kernel/system/perform";
import type { System } from "#kernel/system/system";
import { problemLines, validateRooms } from "#kernel/system/validate";
import { validateProcedures } from "#kernel/system/validate-procedures";
import { openVault } from "#kernel/vault/vault";
import { INTERNATIONAL_CHOICE, type SuiteChoice } from "#lib/crypto/purposes";
import "#kernel/ledger/faults";
import "#kernel/procedures/faults";
import "#kernel/system/faults";
import "#kernel/services/faults";
import { provideDatasetsKernel } from "../infrastructure/datasets/ports.ts";
import { connectCatalogue, grantsOf, usesOf } from "./catalogue.ts";
import { connectEdge, DEFAULT_INSTANCE } from "./edge.ts";
import { connectSecurity } from "./security.ts";

export interface KernelOptions {
  readonly database: Database;
  readonly systems: readonly System[];
  readonly keys: KeyMaterial;
  /** Which suites of algorithms the node uses; international alone where absent. */
  readonly suites?: SuiteChoice;
  readonly checkpointSigner: CheckpointSigner;
  /** Where uploads and documents are kept. */
  readonly filesFolder: string;
  readonly zone: Zone;
  /** The authority that keeps a room: its key in the directory. */
  readonly authorityOf: (room: string) => string;
  /** Those that were merged with an authority, itself among them; absent: none was. */
  readonly oneWith?: ((authority: string) => readonly string[]) | undefined;
  readonly policies?: PolicySources;
  /** Which X-Road instance this government is; `ZT` where absent. */
  readonly instance?: string;
  /** How calls leave for rooms that other nodes keep; absent: this node keeps them all. */
  readonly elsewhere?: Elsewhere | undefined;
  /** Now, ISO 8601 UTC. Tests set it. */
  readonly now?: () => string;
  readonly onLedgerFault?: (fault: unknown) => void;
}

/**
 * Makes one kernel of a set of rooms: checks the whole set, makes and opens their registers, defines their procedures and
 * compiles who may do what. The database's migrations have run.
 * @throws ERR_ROOMS_INVALID with everything that is wrong
 */
export async function composeKernel(options: KernelOptions): Promise<Kernel> {
  const { database, systems } = options;
  const procedures = openProcedures();
  const compile = (sources: readonly string[]) => procedures.compile(sources);
  const problems = [...validateRooms(systems), ...(await validateProcedures(systems, compile))];
  if (problems.length > 0) throw new Fault("ERR_ROOMS_INVALID", { message: problemLines(problems) });
  const now = options.now ?? (() => new Date().toISOString());
  const suites = options.suites ?? INTERNATIONAL_CHOICE;
  const vault = openVault(options.keys);
  await ensureRegisters(database, systems);
  const registers = new Map<string, RegisterStore>();
  for (const { contract } of systems) {
    for (const [name, declaration] of Object.entries(contract.registers)) {
      registers.set(`${contract.id}.${name}`, openRegister({ room: contract.id, name, declaration, vault }));
    }
  }
  const contracts = systems.map((system) => system.contract);
  const access = new LiveAccess({
    contracts: compileAccess({ contracts }),
    fixed: await readPolicies(contracts, options.policies ?? {}),
    now,
  });
  const bySystems = { systems: new Map(systems.map((system) => [system.contract.id, system])) };
  const periods = new PeriodKeys({
    ...{ database, material: options.keys, now, onFault: options.onLedgerFault },
    classes: contentPeriods(bySystems),
    yearsOf: (entry) => {
      const years = contentYears(entry, bySystems);
      return years === "permanent" ? undefined : years;
    },
  });
  const ledger = new Ledger({
    ...{ database, signer: options.checkpointSigner, periods },
    keys: ledgerKeys(options.keys, periods),
    policySet: (at) => access.at(at).policySet().root,
    ...(options.onLedgerFault && { onFault: options.onLedgerFault }),
  });
  await defineProcedures(database, systems, procedures, now());
  const kernel: Kernel = {
    database,
    ...bySystems,
    access,
    registers,
    ledger,
    procedures,
    files: createFileStore({ folder: options.filesFolder, vault }),
    vault,
    suites,
    zone: options.zone,
    authorityOf: options.authorityOf,
    oneWith: options.oneWith ?? ((authority) => [authority]),
    now,
    newId: () => randomUuid(Date.parse(now())),
    perform: (act, call, arrival) => perform(kernel, act, call, arrival),
    elsewhere: options.elsewhere,
    uses: usesOf(systems, database, vault),
    grants: grantsOf(systems, database, vault),
  };
  await periods.tend();
  await ledger.sealings.refresh(database);
  provideDatasetsKernel(kernel);
  await connectSecurity(kernel);
  await connectCatalogue(kernel);
  await connectEdge(kernel, options.instance ?? DEFAULT_INSTANCE);
  return kernel;
}

/** Makes the tables that follow from the contracts, or adds what they added. */
export async function ensureRegisters(database: Database, systems: readonly System[]): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query("SELECT pg_advisory_xact_lock(hashtextextended('zhengtong registers', 0))");
    for (const { contract } of systems) {
      for (const [name, declaration] of Object.entries(contract.registers)) {
        await ensureRegister(transaction, contract.id, name, declaration);
      }
    }
  });
}

/** Binds each item to its procedure's file; running cases stay on the definition that they began with. */
async function defineProcedures(
  database: Database,
  systems: readonly System[],
  procedures: Kernel["procedures"],
  at: string,
): Promise<void> {
  for (const { contract } of systems) {
    const files = new Map<string, string[]>();
    for (const [name, service] of Object.entries(contract.services)) {
      const file = service.procedure.diagram.href;
      files.set(file, [...(files.get(file) ?? []), name]);
    }
    for (const [file, services] of files) {
      const source = await readFile(new URL(file), "utf8");
      await procedures.define(database, { room: contract.id, services, sources: [source], at });
    }
  }
}
