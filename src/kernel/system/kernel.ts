import type { SuiteChoice } from "#lib/crypto/purposes";
import type { LiveAccess } from "../access/live-access.ts";
import type { Database } from "../database/sql.ts";
import type { FileStore } from "../files/file-store.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RegisterGrants, RoomCall, UseRecords } from "../ports.ts";
import type { Procedures } from "../procedures/procedures.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import type { Vault } from "../vault/vault.ts";
import type { Act, Zone } from "./act.ts";
import type { Arrival } from "./arrival.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { System } from "./system.ts";

/** What every door of one node stands on. */
export interface Kernel {
  readonly database: Database;
  readonly systems: ReadonlyMap<string, System>;
  readonly access: LiveAccess;
  /** By `room.register`. */
  readonly registers: ReadonlyMap<string, RegisterStore>;
  readonly ledger: Ledger;
  readonly files: FileStore;
  readonly vault: Vault;
  /** Which suites of algorithms this node uses: `suitesFor(purpose, kernel.suites)`. */
  readonly suites: SuiteChoice;
  readonly zone: Zone;
  /** The authority that keeps a room on this node: provenance of what it writes, and whose officials do its tasks. */
  readonly authorityOf: (room: string) => string;
  /** Authorities that are one with another today because they were merged, itself among them, by their keys in the directory. */
  readonly oneWith: (authority: string) => readonly string[];
  readonly procedures: Procedures;
  /** Does one thing at one door; `perform` of this kernel. Doors reach it here, as they stand below it. */
  readonly perform: (act: Act, call: RoomCall, arrival?: Arrival) => Promise<unknown>;
  /** Rooms that other nodes keep; absent where the node keeps them all. */
  readonly elsewhere?: Elsewhere | undefined;
  /** Counts uses; absent where no right is limited. */
  readonly uses?: UseRecords | undefined;
  /** What other nodes may have of registers by grants; absent where no grants are kept. */
  readonly grants?: RegisterGrants | undefined;
  /** Now, ISO 8601 UTC. The only clock of the rooms. */
  readonly now: () => string;
  /** A new uuid, ordered by time. */
  readonly newId: () => string;
}
