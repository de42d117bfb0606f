import type { LiveAccess } from "#kernel/access/live-access";
import type { Contract } from "#kernel/contract/contract";
import type { Sql } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import type { ListedAuthority } from "#kernel/ports";
import "./faults.ts";
import { type Resource, resourcesOf } from "./resources.ts";

/** What this room needs of the node beyond the doors. */
export interface CataloguePorts {
  readonly access: LiveAccess;
  readonly contracts: readonly Contract[];
  /** The authority that keeps a room. */
  readonly keeperOf: (room: string) => string;
  /** Whether this node keeps a room now: what another node keeps stands in that one's catalogue. */
  readonly isKept: (room: string) => boolean;
  /** Authorities of all nodes, where this one belongs to a directory of nodes. */
  readonly listedAuthorities: () => readonly ListedAuthority[];
}

interface Provided extends CataloguePorts {
  /** What the contracts offer, by id, in its order. */
  readonly resources: ReadonlyMap<string, Resource>;
}

/** Of each node of this process, by its database. */
const byDatabase = new WeakMap<Sql, Provided>();

/** Gives the room its ports, once, before its first operation. */
export function provideCataloguePorts(database: Sql, ports: CataloguePorts): void {
  const resources = resourcesOf(ports.contracts);
  byDatabase.set(database, { ...ports, resources: new Map(resources.map((resource) => [resource.id, resource])) });
}

/**
 * @param database of the node; of an operation, what it reads from
 * @throws {Fault} ERR_CATALOGUE_NO_PORTS
 */
export function cataloguePorts(database: Sql): Provided {
  const ports = byDatabase.get(database);
  if (ports === undefined) throw new Fault("ERR_CATALOGUE_NO_PORTS");
  return ports;
}

/** A resource that this node keeps. */
export function keptResource({ resources, isKept }: Provided, id: string): Resource | undefined {
  const resource = resources.get(id);
  return resource !== undefined && isKept(resource.room) ? resource : undefined;
}
