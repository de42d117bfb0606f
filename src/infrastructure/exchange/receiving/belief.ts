import { AUDIT_DUTY } from "#kernel/access/action";
import type { Act, Principal, Purpose, Representation, Zone } from "#kernel/system/act";
import type { System } from "#kernel/system/system";
import type { NodeEntry } from "#lib/directory/entries";
import type { DirectoryView } from "#lib/directory/view";
import type { CallMessage } from "../frames/messages.ts";

/**
 * What is believed of a call from another node: what the directory lets that node say, and no more. A node that is not to be trusted with
 * something is not believed about it, however well it signs.
 */
export interface Believing {
  readonly view: DirectoryView;
  readonly from: NodeEntry;
  /** The rooms of this version, by id: which of them uses which. */
  readonly systems: ReadonlyMap<string, System>;
  readonly zone: Zone;
  /** ISO 8601, UTC: now, on this node. */
  readonly at: string;
}

/** Why a call is not believed; goes into the ledger of both sides. */
export type Disbelief =
  /** The asking room is not kept by that node. */
  | "room-elsewhere"
  /** The asking room has no use of the asked one in its declaration. */
  | "no-such-use"
  /** An official of an authority for which that node does not speak. */
  | "authority-elsewhere"
  /** A person, and that node signs nobody in. */
  | "identity-elsewhere"
  /** A client that is not a system. */
  | "client"
  /** The directory ended meanwhile. */
  | "no-directory";

/** The act as it happens here, or why not. */
export function believe(message: CallMessage, believing: Believing): Act | Disbelief {
  const { view, from } = believing;
  const asking = message.via ?? (message.who.kind === "node" ? message.who.room : undefined);
  if (message.client !== undefined && (message.via !== undefined || message.who.kind !== "node")) return "client";
  if (asking !== undefined && message.client === undefined) {
    const problem = roomProblem(asking, message, believing);
    if (problem !== undefined) return problem;
  }
  const principal = principalOf(message, view, from);
  if (typeof principal === "string") return principal;
  return {
    id: message.act,
    principal,
    via: message.via,
    ...(message.for && principal.kind === "person" && { onBehalfOf: message.for as Representation }),
    origin: {
      node: from.code,
      division: from.division,
      ...(message.client !== undefined && { client: message.client }),
    },
    purpose: message.purpose as Purpose | undefined,
    legalBasis: message.basis,
    caseId: message.case,
    zone: believing.zone,
    language: message.language,
    at: believing.at,
    idempotencyKey: message.key,
  };
}

/**
 * A room that the directory gives to nodes asks from the node that keeps it, and only whom it declares to use. A room asks its like on
 * another node where the operation says so: what else it offers to machines is for its own node.
 */
function roomProblem(
  asking: string,
  { room: asked, operation }: Pick<CallMessage, "room" | "operation">,
  { view, from, systems }: Believing,
): Disbelief | undefined {
  const hosts = hostsOf(view).get(asking);
  if (hosts !== undefined && !hosts.has(from.code)) return "room-elsewhere";
  if (asking === asked) {
    return systems.get(asked)?.contract.operations[operation]?.fromItsLike === true ? undefined : "no-such-use";
  }
  if (hosts === undefined) return "room-elsewhere";
  const uses = Object.values(systems.get(asking)?.uses ?? {});
  return uses.some(({ id }) => id === asked) ? undefined : "no-such-use";
}

/** By room: who keeps it, for whatever division. */
const indexed = new WeakMap<DirectoryView, ReadonlyMap<string, ReadonlySet<string>>>();

function hostsOf(view: DirectoryView): ReadonlyMap<string, ReadonlySet<string>> {
  const known = indexed.get(view);
  if (known !== undefined) return known;
  const hosts = new Map<string, Set<string>>();
  for (const { room, node } of view.hostings()) hosts.set(room, (hosts.get(room) ?? new Set()).add(node));
  indexed.set(view, hosts);
  return hosts;
}

function principalOf({ who, via }: CallMessage, view: DirectoryView, from: NodeEntry): Principal | Disbelief {
  switch (who.kind) {
    case "public":
    case "node":
      return who;
    case "person":
      // Through a room it is the room's right that counts, and the person is whom that node says that it signed in.
      if (via === undefined && !hostsOf(view).get("identity")?.has(from.code)) return "identity-elsewhere";
      return { kind: "person", id: who.id, assurance: who.assurance, ...proven(who) };
    case "official": {
      const { post } = who;
      const authority = view.authority(post.authority);
      if (authority === undefined || !view.speaksFor(from.code, authority.division)) return "authority-elsewhere";
      return {
        kind: "official",
        id: who.id,
        assurance: who.assurance,
        ...proven(who),
        // Who may audit this node is decided on this node.
        post: {
          ...post,
          authorityName: authority.name,
          division: authority.division,
          duties: post.duties.filter((duty) => duty !== AUDIT_DUTY),
        },
      };
    }
  }
}

type Proven = Extract<Principal, { readonly kind: "person" }>["provenAt"];

function proven({ provenAt }: { readonly provenAt?: unknown }): { readonly provenAt?: Proven & {} } {
  return provenAt === undefined ? {} : { provenAt: provenAt as Proven & {} };
}
