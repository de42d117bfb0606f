import type { Expr } from "@cedar-policy/cedar-wasm/nodejs";
import {
  all,
  attribute,
  context,
  contextHas,
  either,
  equal,
  member,
  not,
  oneOf,
  type Policies,
  policy,
  principalAmong,
  value,
} from "#kernel/access/policy-terms";
import type { Purpose } from "#kernel/system/act";
import { text } from "#lib/language/text";
import { isAnswer, type Shared, shareable, sharingOf } from "./parts.ts";
import type { Resource } from "./resources.ts";
import { systemOf } from "./systems.ts";

/** What of a grant decides who may call what: which of the consumer's systems, for what, from when until when. */
export interface GrantRule {
  readonly number: number;
  readonly resource: string;
  readonly attributes: readonly string[];
  readonly purposes: readonly Purpose[];
  /** The consumer's systems: see `systems.ts`. */
  readonly systems: readonly string[];
  /** ISO 8601; in force from the first to before the second. */
  readonly from: string;
  readonly until: string;
}

export interface SharingGround {
  readonly resources: ReadonlyMap<string, Resource>;
  /** Every room of this node. */
  readonly rooms: readonly string[];
  readonly keeperOf: (room: string) => string;
}

/** How decisions and the ledger name a grant's permit. */
export const GRANT_POLICY = /^grant\.(\d{1,9})$/;

/** An edition in force: how each attribute of a resource is shared. */
export interface SharedResource {
  readonly resource: string;
  readonly attributes: Shared;
}

/**
 * What the catalogue says, as policies: a service of which an answer needs attributes that are shared on conditions is closed to the
 * systems of other authorities but for grants; one that needs attributes that are not shared, also for those. Each grant is a permit of
 * its own, so that the ledger names it. What is cut out of answers, no policy says: see `given-parts.ts`.
 */
export function sharingPolicies(
  ground: SharingGround,
  entries: readonly SharedResource[],
  grants: readonly GrantRule[],
): Policies {
  const policies: Record<string, Policies[string]> = {};
  const byResource = Map.groupBy(grants, ({ resource }) => resource);
  for (const { resource: id, attributes } of entries) {
    const resource = ground.resources.get(id);
    if (resource?.kind !== "operation") continue;
    const sharing = sharingOf(resource, attributes);
    const granted = (byResource.get(id) ?? []).filter((grant) => isAnswer(resource, givenBy(grant, attributes)));
    for (const grant of granted) policies[`grant.${grant.number}`] = permitOf(grant);
    if (sharing === "unconditional") continue;
    const lets = [ownRooms(ground, resource), ...granted.map(conditionOf)];
    policies[`catalogue.${id}`] = policy("forbid", {
      words: sharing === "none" ? NOT_SHARED : CONDITIONAL,
      principal: "Node",
      actions: { action: id },
      unless: anyOf(lets),
    });
  }
  return policies;
}

/** What a grant gives: of what it names, what is still shared. */
export function givenBy(grant: Pick<GrantRule, "attributes">, shared: Shared): ReadonlySet<string> {
  return new Set(grant.attributes).intersection(shareable(shared));
}

const CONDITIONAL = text(
  "该数据有条件共享：其他机关的系统须凭授权，在授权的用途和期限内调用。",
  "Shared on conditions: systems of other authorities call it by a grant, for its purposes and within its term.",
);
const NOT_SHARED = text(
  "该数据依法不予共享，其他机关的系统不能调用。",
  "By law not shared: systems of other authorities may not call it.",
);

function permitOf(grant: GrantRule): Policies[string] {
  return policy("permit", {
    words: text(
      `第${grant.number}号共享授权：有效期至${grant.until.slice(0, 10)}，不得转授或用于其他目的。`,
      `Grant ${grant.number}: until ${grant.until.slice(0, 10)}, no onward use, no other purpose.`,
    ),
    principal: "Node",
    actions: { action: grant.resource },
    when: conditionOf(grant),
  });
}

function conditionOf({ systems, purposes }: GrantRule): Expr {
  const wanted = purposes.map((purpose) => member("Purpose", purpose));
  return all(contextHas("purpose"), oneOf(wanted, context("purpose")), anyOf(systems.map(isSystem)));
}

/** Whether a call comes from a system: a room here, a node, or a foreign system at some node's edge. */
function isSystem(written: string): Expr {
  const system = systemOf(written);
  switch (system?.kind) {
    case "room":
      return all(not(contextHas("origin")), principalAmong("Node", [system.room]));
    case "node":
      return all(
        contextHas("origin"),
        not(contextHas("origin", "client")),
        equal(attribute(context("origin"), "node"), value(system.node)),
      );
    case "client":
      return all(
        contextHas("origin", "client"),
        equal(attribute(context("origin"), "node"), value(system.node)),
        equal(attribute(context("origin"), "client"), value(system.client)),
      );
    default:
      return NOTHING;
  }
}

function ownRooms(ground: SharingGround, { room }: Resource): Expr {
  return all(not(contextHas("origin")), principalAmong("Node", roomsOfKeeper(ground, room)));
}

/** The rooms of the authority that keeps a room, on this node. */
export function roomsOfKeeper({ rooms, keeperOf }: SharingGround, room: string): readonly string[] {
  const keeper = keeperOf(room);
  return [...new Set([room, ...rooms.filter((one) => keeperOf(one) === keeper)])];
}

/** What is never so: every act that gets as far as this has a purpose. */
const NOTHING: Expr = all(not(contextHas("purpose")), contextHas("origin"), not(contextHas("origin")));

/** Halved again and again, so that many grants do not nest deeply. */
function anyOf(conditions: readonly Expr[]): Expr {
  const [only, ...rest] = conditions;
  if (only === undefined) return NOTHING;
  if (rest.length === 0) return only;
  const half = Math.ceil(conditions.length / 2);
  return either(anyOf(conditions.slice(0, half)), anyOf(conditions.slice(half)));
}
