/** What this room needs of the node beyond the doors: cases live in the rooms of their items. */
import { Fault } from "#kernel/errors/fault";
import type { Act } from "#kernel/system/act";
import "./faults.ts";

export interface RatedCase {
  readonly number: string;
  readonly authority: string;
  readonly closed: boolean;
}

export interface ParticipationPorts {
  /** A case of the acting person; undefined for everyone else's. */
  caseOf(act: Act, caseId: string): Promise<RatedCase | undefined>;
}

let provided: ParticipationPorts | undefined;

/** Gives the room its ports, once, before its first operation. A node that is composed anew in the same process gives its own. */
export function provideParticipationPorts(ports: ParticipationPorts): void {
  provided = ports;
}

/** @throws {Fault} ERR_PARTICIPATION_NO_PORTS */
export function participationPorts(): ParticipationPorts {
  if (provided === undefined) throw new Fault("ERR_PARTICIPATION_NO_PORTS");
  return provided;
}
