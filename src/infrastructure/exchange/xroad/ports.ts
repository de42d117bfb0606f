import type { LiveAccess } from "#kernel/access/live-access";
import type { Citation } from "#kernel/contract/citation";
import type { Contract } from "#kernel/contract/contract";
import type { Database } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import type { Act, Purpose } from "#kernel/system/act";
import "../faults.ts";

/** What the edge needs of the node beyond the doors. */
export interface EdgePorts {
  readonly access: LiveAccess;
  readonly contracts: readonly Contract[];
  /** The authority that keeps a room. */
  readonly keeperOf: (room: string) => string;
  /** Which X-Road instance this government is. */
  readonly instance: string;
  /** The code of this node. */
  readonly self: string;
  /** Whether another node keeps a room. */
  readonly isElsewhere: (room: string) => boolean;
  /** What foreign systems at this node's edge may call by grants of the catalogue, at an instant (ISO 8601). */
  readonly grantedCalls: (now: string) => Promise<readonly GrantedCalls[]>;
  /** Asks a registered provider for one of this node's rooms. */
  readonly askProvider: (asked: ProviderQuestion) => Promise<ProviderReply>;
}

/** What a grant opens to one system: an operation of a room here, for some purposes. */
export interface GrantedCalls {
  readonly grant: number;
  readonly client: string;
  readonly room: string;
  readonly operation: string;
  /** The code of the authority that keeps the room. */
  readonly authorityCode: string;
  readonly purposes: readonly Purpose[];
  readonly legalBasis: readonly Citation[];
  /** ISO 8601. */
  readonly until: string;
}

/** What a room asks of a service that another system offers. */
export interface ProviderQuestion {
  readonly room: string;
  readonly act: Act;
  /** As the ledger names what was done: the operation of this room. */
  readonly operation: "askProvider" | "tellProvider";
  readonly service: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query: readonly NamedValue[];
  /** Those that the service's document describes. */
  readonly headers: readonly NamedValue[];
  /** JSON; undefined: none. */
  readonly body?: unknown;
}

interface NamedValue {
  readonly name: string;
  readonly value: string;
}

export type ProviderReply =
  | {
      readonly status: number;
      readonly body?: unknown;
      /** By which a request that does not bear repetition is settled (`unanswered.ts`), in the transaction of the act. */
      readonly settles?: Uint8Array;
    }
  | { readonly no: "unknown-service" | "no-right" | "unreachable" | "bad-answer" | "outcome-unknown" }
  | { readonly no: "bad-request"; readonly problem: string };

let provided: EdgePorts | undefined;
/** Of each node of this process. */
const byDatabase = new WeakMap<Database, EdgePorts>();

/** Gives the room its ports, once, before its first operation. A node that is composed anew in the same process gives its own. */
export function provideEdgePorts(database: Database, ports: EdgePorts): void {
  provided = ports;
  byDatabase.set(database, ports);
}

/**
 * @param database of the node that is meant; absent: the one that was composed last
 * @throws {Fault} ERR_EDGE_NO_PORTS
 */
export function edgePorts(database?: Database): EdgePorts {
  const ports = database === undefined ? provided : byDatabase.get(database);
  if (ports === undefined) throw new Fault("ERR_EDGE_NO_PORTS");
  return ports;
}
