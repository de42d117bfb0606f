/** What this room needs of the node beyond the doors: who the node is, in which suite it works, and its officials' signatures. */
import type { Contract } from "#kernel/contract/contract";
import { Fault } from "#kernel/errors/fault";
import type { Signer } from "#kernel/ports";
import type { SuiteChoice } from "#lib/crypto/purposes";
import "./faults.ts";

export interface NetworkPorts {
  /** By which others know this node. */
  readonly node: { readonly code: string; readonly name: string };
  readonly suites: SuiteChoice;
  readonly signer: Pick<Signer, "signAs">;
  /** Below which this node's officials have their certificates: DER. */
  readonly roots: readonly Uint8Array[];
  /** The certificate policy under which officials sign (an object identifier). */
  readonly officialPolicy: string;
  /** What operations may be sent: those of all rooms of this version. */
  readonly contractOf: (room: string) => Contract | undefined;
}

let provided: NetworkPorts | undefined;

/** Gives the room its ports, once, before its first operation. A node that is composed anew in the same process gives its own. */
export function provideNetworkPorts(ports: NetworkPorts): void {
  provided = ports;
}

/** @throws {Fault} ERR_NETWORK_NO_PORTS */
export function networkPorts(): NetworkPorts {
  if (provided === undefined) throw new Fault("ERR_NETWORK_NO_PORTS");
  return provided;
}
