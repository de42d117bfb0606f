import type { LiveAccess } from "#kernel/access/live-access";
import type { Contract } from "#kernel/contract/contract";
import { Fault } from "#kernel/errors/fault";
import "./faults.ts";
import { type Resource, resourcesOf } from "./resources.ts";

/** What this room needs of the node beyond the doors. */
export interface CataloguePorts {
  readonly access: LiveAccess;
  readonly contracts: readonly Contract[];
  /** The authority that keeps a room. */
  readonly keeperOf: (room: string) => string;
}

interface Provided extends CataloguePorts {
  /** What the contracts offer, by id, in its order. */
  readonly resources: ReadonlyMap<string, Resource>;
}

let provided: Provided | undefined;

/** Gives the room its ports, once, before its first operation. A node that is composed anew in the same process gives its own. */
export function provideCataloguePorts(ports: CataloguePorts): void {
  const resources = resourcesOf(ports.contracts);
  provided = { ...ports, resources: new Map(resources.map((resource) => [resource.id, resource])) };
}

/** @throws {Fault} ERR_CATALOGUE_NO_PORTS */
export function cataloguePorts(): Provided {
  if (provided === undefined) throw new Fault("ERR_CATALOGUE_NO_PORTS");
  return provided;
}
