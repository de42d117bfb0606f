import type { CedarRequest, EntityFacts } from "#lib/cedar/expression";
import { CedarRecord, CedarSet, type CedarValue, Entity, UNKNOWN } from "#lib/cedar/value";
import { citationText } from "../contract/citation.ts";
import type { EntryValues } from "../registers/entry-types.ts";
import type { Origin, Principal, Purpose } from "../system/act.ts";
import type { AccessRequest } from "./access.ts";
import type { Action, PrincipalType } from "./action.ts";

/** What policies see of a case. */
export interface CaseFacts {
  readonly authority?: string | undefined;
  readonly applicant?: "person" | "organization" | undefined;
  /** Whether a clerk filed it at a counter. */
  readonly counter?: boolean | undefined;
}

/** An attempt as policies see it. */
export interface Attempt {
  readonly principal: PrincipalType;
  readonly principalId: string;
  readonly caseId: string;
  readonly case: CaseFacts | undefined;
  /** Of the entry that is read, what policies may see. */
  readonly entry: EntryValues | undefined;
  readonly context: {
    readonly purpose?: Purpose;
    readonly legalBasis: readonly string[];
    readonly assurance: number;
    readonly zone: string;
    readonly duties: readonly string[];
    readonly authority?: string;
    readonly division?: string;
    readonly onBehalfOf?: { readonly kind: string; readonly right: string };
    readonly caseId?: string;
    readonly origin?: { readonly node: string; readonly client?: string };
  };
}

/** @param duties those that some contract names; others of a post cannot matter, and Cedar would reject the request for them */
export function attemptOf(request: AccessRequest, duties: ReadonlySet<string>): Attempt {
  const { act } = request;
  // Who asks through a room has that room's right at the next door, not his own.
  const principal: Principal = act.via === undefined ? act.principal : { kind: "node", room: act.via };
  const post = principal.kind === "official" ? principal.post : undefined;
  const caseId = request.case?.id ?? act.caseId;
  return {
    principal: principalType(principal),
    principalId: principalId(principal),
    caseId: caseId ?? "",
    case: request.case,
    entry: request.entry,
    context: {
      ...(act.purpose && { purpose: act.purpose }),
      legalBasis: act.legalBasis.map((citation) => citationText(citation).zh).sort(),
      assurance: assuranceOf(principal),
      zone: act.zone,
      duties: post ? post.duties.filter((duty) => duties.has(duty)).sort() : [],
      ...(post && { authority: post.authority, division: post.division }),
      ...(act.onBehalfOf && { onBehalfOf: { kind: act.onBehalfOf.kind, right: act.onBehalfOf.right } }),
      ...(caseId !== undefined && { caseId }),
      ...(act.origin && { origin: originOf(act.origin) }),
    },
  };
}

function originOf({ node, client }: Origin): NonNullable<Attempt["context"]["origin"]> {
  return client === undefined ? { node } : { node, client };
}

/**
 * The request as the evaluator takes it. Members of closed lists are entities.
 * @param unknown names of the context's attributes, and {@link CASE_FACTS}, that are not known yet
 */
export function cedarRequest(
  action: ActionFacts,
  attempt: Attempt,
  unknown: ReadonlySet<string> = NOTHING,
): CedarRequest {
  const { resource, facts } = resourceOf(action, attempt, unknown);
  return {
    principal: new Entity(attempt.principal, attempt.principalId),
    action: action.entity,
    resource,
    context: contextOf(action, attempt, unknown),
    entity: ({ key }) => (key === resource.key ? facts : key === action.entity.key ? action.facts : undefined),
  };
}

/** What is the same for all attempts at an action. */
export interface ActionFacts {
  readonly action: Action;
  readonly entity: Entity;
  readonly facts: EntityFacts;
}

export function actionFacts(action: Action): ActionFacts {
  const ancestors = new Set(action.groups.map((id) => new Entity("Action", id).key));
  return { action, entity: new Entity("Action", action.id), facts: { attributes: NO_ATTRIBUTES, ancestors } };
}

const NOTHING: ReadonlySet<string> = new Set();
const NO_ATTRIBUTES = new CedarRecord([]);
/** What of an attempt may be unknown, beside attributes of the context: what the case is like. */
export const CASE_FACTS = "case";

const memberOf = (type: string) => (id: string) => new Entity(type, id);

function contextOf({ action }: ActionFacts, { context, entry }: Attempt, unknown: ReadonlySet<string>): CedarRecord {
  const { purpose, zone, duties, legalBasis, assurance, authority, division, onBehalfOf, caseId, origin } = context;
  const attributes: readonly (readonly [string, CedarValue | undefined])[] = [
    ["purpose", purpose === undefined ? undefined : new Entity("Purpose", purpose)],
    ["legalBasis", new CedarSet(legalBasis)],
    ["assurance", assurance],
    ["zone", new Entity("Zone", zone)],
    ["classification", new Entity("Classification", action.classification)],
    ["duties", new CedarSet(duties.map(memberOf("Duty")))],
    ["authority", authority],
    ["division", division],
    [
      "onBehalfOf",
      onBehalfOf &&
        new CedarRecord([
          ["kind", onBehalfOf.kind],
          ["right", onBehalfOf.right],
        ]),
    ],
    ["caseId", caseId],
    ["origin", origin && new CedarRecord(Object.entries(origin))],
  ];
  const known = ["entry", entry && new CedarRecord(Object.entries(entry))] as const;
  if (unknown.size === 0) return new CedarRecord([...attributes, known]);
  // That there is an entry, and what it may have, follows from the action; what it has is not known.
  const names = Object.keys(action.entry ?? {}).map((name) => [name, UNKNOWN] as const);
  const ofAny = unknown.has("entry") ? (["entry", action.entry && new CedarRecord(names)] as const) : known;
  return new CedarRecord([
    ...attributes.map(([name, value]) => [name, unknown.has(name) ? UNKNOWN : value] as const),
    ofAny,
  ]);
}

/** What the action is done to, with what that belongs to. */
function resourceOf(
  { action }: ActionFacts,
  attempt: Attempt,
  unknown: ReadonlySet<string>,
): { resource: Entity; facts: EntityFacts } {
  const room = new Entity("Room", action.room);
  if (action.resource === "Room") return { resource: room, facts: { attributes: NO_ATTRIBUTES, ancestors: new Set() } };
  const own = new Entity(action.resource === "Case" ? "Service" : action.resource, action.resourceId);
  if (action.resource !== "Case") {
    return { resource: own, facts: { attributes: NO_ATTRIBUTES, ancestors: new Set([room.key]) } };
  }
  const { authority, applicant, counter } = attempt.case ?? {};
  const fact = (value: CedarValue | undefined) => (unknown.has(CASE_FACTS) ? UNKNOWN : value);
  const attributes = new CedarRecord([
    ["authority", fact(authority)],
    ["applicant", fact(applicant)],
    ["counter", fact(counter)],
  ]);
  return {
    resource: new Entity("Case", attempt.caseId),
    facts: { attributes, ancestors: new Set([own.key, room.key]) },
  };
}

export function principalType(principal: Principal): PrincipalType {
  switch (principal.kind) {
    case "public":
      return "Public";
    case "person":
      return "Person";
    case "official":
      return "Official";
    case "node":
      return "Node";
  }
}

function principalId(principal: Principal): string {
  switch (principal.kind) {
    case "public":
      return "public";
    case "node":
      return principal.room;
    default:
      return principal.id;
  }
}

function assuranceOf(principal: Principal): number {
  switch (principal.kind) {
    case "public":
      return 0;
    case "node":
      return 3;
    default:
      return principal.assurance;
  }
}
