import type { LiveAccess } from "#kernel/access/live-access";
import type { Contract } from "#kernel/contract/contract";
import { Fault } from "#kernel/errors/fault";
import "./faults.ts";

/** What this room needs of the node beyond the doors: the access whose policies it keeps. */
export interface SecurityPorts {
  readonly access: LiveAccess;
  readonly contracts: readonly Contract[];
  /** The authority that keeps a room. */
  readonly keeperOf: (room: string) => string;
}

let provided: SecurityPorts | undefined;

/** Gives the room its ports, once, before its first operation. A node that is composed anew in the same process gives its own. */
export function provideSecurityPorts(ports: SecurityPorts): void {
  provided = ports;
}

/** @throws {Fault} ERR_SECURITY_NO_PORTS */
export function securityPorts(): SecurityPorts {
  if (provided === undefined) throw new Fault("ERR_SECURITY_NO_PORTS");
  return provided;
}
