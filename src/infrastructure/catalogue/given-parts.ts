import type { Sql } from "#kernel/database/sql";
import type { Act } from "#kernel/system/act";
import { type Shared, shareable, sharedAs } from "./parts.ts";
import { roomsOfKeeper, type SharedResource, type SharingGround } from "./policies.ts";

/** Of one service: which of its attributes leave for whom. */
export interface GivenParts {
  /** To whoever has no grant. */
  readonly unconditional: ReadonlySet<string>;
  /** All that a grant can give. */
  readonly shareable: ReadonlySet<string>;
  /** Whether every attribute is shared unconditionally: then nothing is cut. */
  readonly isWhole: boolean;
  /** Rooms of the authority that keeps it: they have all of it. */
  readonly own: ReadonlySet<string>;
}

/** As of the last look of each node of this process. */
const inForce = new WeakMap<Sql, ReadonlyMap<string, GivenParts>>();

/** Remembers what the entries in force say, beside the policies that were made of them. */
export function rememberParts(database: Sql, ground: SharingGround, entries: readonly SharedResource[]): void {
  const parts = entries.flatMap(({ resource: id, attributes }) => {
    const resource = ground.resources.get(id);
    return resource?.kind === "operation"
      ? [[id, partsOf(attributes, roomsOfKeeper(ground, resource.room))] as const]
      : [];
  });
  inForce.set(database, new Map(parts));
}

function partsOf(shared: Shared, own: readonly string[]): GivenParts {
  const unconditional = sharedAs(shared, "unconditional");
  const isWhole = unconditional.size === shared.length;
  return { unconditional, shareable: shareable(shared), isWhole, own: new Set(own) };
}

/** Undefined where no entry in force describes it: then its contract alone says what is given. */
export function partsOfService(database: Sql, service: string): GivenParts | undefined {
  return inForce.get(database)?.get(service);
}

/** Whether it is a system of another authority that asks: officials look by their posts, and the keeper's own rooms have all of it. */
export function isOfOthers({ own }: GivenParts, { principal, origin }: Act): boolean {
  return principal.kind === "node" && (origin !== undefined || !own.has(principal.room));
}
