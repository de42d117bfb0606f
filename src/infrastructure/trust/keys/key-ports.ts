import type { Sql } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import "../faults.ts";
import type { PeriodGroup } from "#kernel/ledger/period-groups";
import type { KeyEvent } from "../key-event.ts";
import type { DataKeyKind, MadeKey } from "./data-key-rows.ts";
import type { HeldKey } from "./held-keys.ts";

/** What the operations on keys need of the node. */
export interface KeyPorts {
  /** A new key, sealed under the node's key. */
  readonly make: (kind: DataKeyKind) => MadeKey;
  /** Writes an entry of the ledger with the act. */
  readonly record: (sql: Sql, event: KeyEvent) => Promise<unknown>;
  /** The log's key as it is now. */
  readonly log: (sql: Sql) => Promise<{
    readonly verifierKey: string;
    readonly generation: number;
    /** The size of the log from which it signs. */
    readonly from: number;
    readonly wanted: boolean;
  }>;
  /** Has another key follow it, which is told; undefined where one is about to. */
  readonly followLogKey: (sql: Sql) => Promise<string | undefined>;
  /** The keys that the node holds in its own name, as they are now. */
  readonly held: (at: string) => Promise<readonly HeldKey[]>;
  /** The keys of periods, by the number of years. */
  readonly periods: (sql: Sql) => Promise<readonly PeriodGroup[]>;
  /** Has the keys looked after at an instant. */
  readonly tendAt: (sql: Sql, at: string) => Promise<void>;
}

let provided: KeyPorts | undefined;

/** Gives the room its ports, once, before its first operation. A node that is composed anew in the same process gives its own. */
export function provideKeyPorts(ports: KeyPorts): void {
  provided = ports;
}

/** @throws {Fault} ERR_TRUST_NO_PORTS */
export function keyPorts(): KeyPorts {
  if (provided === undefined) throw new Fault("ERR_TRUST_NO_PORTS");
  return provided;
}
