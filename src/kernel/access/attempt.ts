import type { EntityJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import { citationText } from "../contract/citation.ts";
import type { Principal, Purpose } from "../system/act.ts";
import type { AccessRequest } from "./access.ts";
import type { Action, PrincipalType } from "./action.ts";
import type { Reads } from "./policy-shape.ts";

/** An attempt as policies see it. */
export interface Attempt {
  readonly principal: PrincipalType;
  readonly principalId: string;
  readonly caseId: string;
  readonly caseAuthority: string | undefined;
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
    caseAuthority: request.case?.authority,
    context: {
      ...(act.purpose && { purpose: act.purpose }),
      legalBasis: act.legalBasis.map((citation) => citationText(citation).zh).sort(),
      assurance: assuranceOf(principal),
      zone: act.zone,
      duties: post ? post.duties.filter((duty) => duties.has(duty)).sort() : [],
      ...(post && { authority: post.authority, division: post.division }),
      ...(act.onBehalfOf && { onBehalfOf: { kind: act.onBehalfOf.kind, right: act.onBehalfOf.right } }),
      ...(caseId !== undefined && { caseId }),
    },
  };
}

/** Everything of an attempt that an action's policies look at, and nothing else: equal keys are decided alike. */
export function attemptKey(compiled: { readonly action: Action; readonly reads: Reads }, attempt: Attempt): string {
  const { reads } = compiled;
  const seen: unknown[] = [compiled.action.id, attempt.principal];
  for (const [name, value] of Object.entries(attempt.context)) {
    if (reads.wholeContext || reads.values.has(name)) seen.push(name, value);
    else if (reads.presence.has(name)) seen.push(name);
  }
  if (reads.values.has("authority")) seen.push(attempt.caseAuthority);
  else if (reads.presence.has("authority")) seen.push(attempt.caseAuthority !== undefined);
  if (reads.principalId) seen.push(attempt.principalId);
  if (reads.resourceId) seen.push(attempt.caseId);
  return JSON.stringify(seen);
}

/**
 * The request in Cedar's JSON. Members of closed lists are entities. The groups of the action are given with it, so that
 * Cedar need not read the schema again for each decision; that requests fit the schema is held by a property test.
 */
export function cedarRequest(action: Action, attempt: Attempt) {
  const { resource, entities } = cedarResource(action, attempt);
  const uid = { type: "Action", id: action.id };
  const groups = action.groups.map((id) => ({ type: "Action", id }));
  const own: EntityJson = { uid, attrs: {}, parents: groups };
  const named: readonly EntityJson[] = groups.map((group) => ({ uid: group, attrs: {}, parents: [] }));
  return {
    principal: { type: attempt.principal, id: attempt.principalId },
    action: uid,
    resource,
    context: cedarContext(attempt),
    entities: [own, ...named, ...entities],
  };
}

function cedarContext(attempt: Attempt) {
  const { purpose, zone, duties, legalBasis, ...rest } = attempt.context;
  return {
    ...rest,
    legalBasis: [...legalBasis],
    ...(purpose !== undefined && { purpose: member("Purpose", purpose) }),
    zone: member("Zone", zone),
    duties: duties.map((duty) => member("Duty", duty)),
  };
}

function member(type: string, id: string) {
  return { __entity: { type, id } };
}

/** What the action is done to, with what that belongs to. */
function cedarResource(action: Action, attempt: Attempt): { resource: TypeAndId; entities: readonly EntityJson[] } {
  const room = { type: "Room", id: action.room };
  const own = { type: action.resource, id: action.resourceId };
  if (action.resource === "Room") return { resource: room, entities: [] };
  if (action.resource !== "Case") return { resource: own, entities: [{ uid: own, attrs: {}, parents: [room] }] };
  const service = { type: "Service", id: action.resourceId };
  const resource = { type: "Case", id: attempt.caseId };
  const attrs: Record<string, string> = attempt.caseAuthority === undefined ? {} : { authority: attempt.caseAuthority };
  return {
    resource,
    entities: [
      { uid: resource, attrs, parents: [service] },
      { uid: service, attrs: {}, parents: [room] },
    ],
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
