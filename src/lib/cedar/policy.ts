import type {
  ActionConstraint,
  EntityUidJson,
  PolicyJson,
  PrincipalConstraint,
  ResourceConstraint,
} from "@cedar-policy/cedar-wasm/nodejs";
import {
  belongs,
  type CedarRequest,
  compileExpression,
  type Evaluate,
  EvaluationError,
  UnsupportedPolicyError,
} from "./expression.ts";
import { type Guard, guardsOf } from "./guard.ts";
import { type Asker, askConcerned, type PolicyIndex } from "./policy-index.ts";
import { compileRowTerm, concernsRows, type RowTerm } from "./row-term.ts";
import { Entity, type MaybeValue, UNKNOWN, type Unknown } from "./value.ts";

export interface CompiledPolicy {
  readonly id: string;
  readonly effect: "permit" | "forbid";
  /** The one type of principals that it can concern, where its scope says so. */
  readonly principalType: string | undefined;
  /** What the context must hold for it to apply. */
  readonly guards: readonly Guard[];
  /**
   * Whether it applies to a request; unknown where that depends on what is unknown.
   * @throws EvaluationError
   */
  readonly applies: (request: CedarRequest) => boolean | Unknown;
  /** Whether it can concern any row of a list: its scope, but for a single resource that it names. */
  readonly inScope: (request: CedarRequest) => boolean;
  /** What it asks of a row; "refused" where it asks what no list can be filtered by. */
  readonly rows: RowTerm | "none" | "refused";
}

/** What a set of policies says of a request. */
export interface Answer {
  readonly allowed: boolean;
  /** The policies that decided: forbids that apply, or else permits that do; in order of their ids. */
  readonly reasons: readonly string[];
  /** Policies that could not be evaluated. Cedar passes over them; who must not be wrong denies. */
  readonly failed: readonly string[];
}

/** What it can come to, when some of a request is unknown. */
export interface Outlook {
  /** Permits that apply, or may. */
  readonly permits: readonly string[];
  /** Forbids that certainly apply: nothing can lift them. */
  readonly forbids: readonly string[];
  /** Forbids that apply in some cases. */
  readonly mayForbid: readonly string[];
}

/**
 * Compiles a policy of Cedar's JSON format.
 * @throws UnsupportedPolicyError for templates, extension types, numbers beyond 2^53, expressions nested too deeply
 */
export function compilePolicy(id: string, policy: PolicyJson): CompiledPolicy {
  const resource = scopeCheck(policy.resource, (request) => request.resource);
  const others = [scopeCheck(policy.principal, (request) => request.principal), actionCheck(policy.action)];
  const checks = [...others, resource].filter((check) => check !== undefined);
  const ofAnyRow = policy.resource.op === "==" ? others.filter((check) => check !== undefined) : checks;
  const conditions = policy.conditions.map(({ kind, body }) => ({
    wanted: kind === "when",
    evaluate: compileExpression(body),
  }));
  return Object.freeze({
    id,
    effect: policy.effect,
    principalType: typeOfScope(policy.principal),
    guards: guardsOf(policy),
    applies: (request: CedarRequest) => {
      for (const check of checks) if (!check(request)) return false;
      return allHold(conditions, request);
    },
    inScope: (request: CedarRequest) => {
      for (const check of ofAnyRow) if (!check(request)) return false;
      return true;
    },
    rows: rowsOf(policy),
  });
}

function rowsOf(policy: PolicyJson): CompiledPolicy["rows"] {
  if (!concernsRows(policy)) return "none";
  try {
    return compileRowTerm(policy);
  } catch (error) {
    if (error instanceof UnsupportedPolicyError) return "refused";
    throw error;
  }
}

interface Condition {
  readonly wanted: boolean;
  readonly evaluate: Evaluate;
}

function allHold(conditions: readonly Condition[], request: CedarRequest): boolean | Unknown {
  let unknown = false;
  for (const { wanted, evaluate } of conditions) {
    const value: MaybeValue = evaluate(request);
    if (value === UNKNOWN) unknown = true;
    else if (typeof value !== "boolean") throw new EvaluationError("a condition is not a boolean");
    else if (value !== wanted) return false;
  }
  return unknown ? UNKNOWN : true;
}

type Check = (request: CedarRequest) => boolean;

function scopeCheck(
  scope: PrincipalConstraint | ResourceConstraint,
  of: (request: CedarRequest) => Entity,
): Check | undefined {
  switch (scope.op) {
    case "All":
      return undefined;
    case "==": {
      const { key } = named(scope);
      return (request) => of(request).key === key;
    }
    case "in": {
      const group = named(scope);
      return (request) => belongs(of(request), group, request);
    }
    case "is": {
      const type = scope.entity_type;
      const group = scope.in === undefined ? undefined : named(scope.in);
      return (request) => of(request).type === type && (group === undefined || belongs(of(request), group, request));
    }
  }
}

function actionCheck(scope: ActionConstraint): Check | undefined {
  switch (scope.op) {
    case "All":
      return undefined;
    case "==": {
      const { key } = named(scope);
      return (request) => request.action.key === key;
    }
    case "in": {
      const groups = "entities" in scope ? scope.entities.map(entityOf) : [named(scope)];
      return (request) => groups.some((group) => belongs(request.action, group, request));
    }
  }
}

function typeOfScope(scope: PrincipalConstraint): string | undefined {
  if (scope.op === "is") return scope.entity_type;
  return scope.op === "==" ? named(scope).type : undefined;
}

function named(scope: { readonly entity: EntityUidJson } | { readonly slot: string }): Entity {
  if ("slot" in scope) throw new UnsupportedPolicyError("a template is no policy");
  return entityOf(scope.entity);
}

function entityOf(json: EntityUidJson): Entity {
  const { type, id } = "__entity" in json ? json.__entity : json;
  return new Entity(type, id);
}

/** Decides as Cedar does: denied unless a permit applies and no forbid does. Nothing of the request may be unknown. */
export function authorize(index: PolicyIndex, request: CedarRequest): Answer {
  const deciding = new Deciding();
  askConcerned(index, request, deciding);
  const { permits, forbids, failed } = deciding;
  const reasons = forbids.length > 0 ? forbids : permits;
  return {
    allowed: permits.length > 0 && forbids.length === 0,
    reasons: reasons.length > 1 ? reasons.toSorted() : reasons,
    failed,
  };
}

const NONE: readonly string[] = [];

class Deciding implements Asker {
  permits = NONE;
  forbids = NONE;
  failed = NONE;

  ask(policy: CompiledPolicy, request: CedarRequest): void {
    const { id, effect } = policy;
    try {
      const applies = policy.applies(request);
      if (applies === false) return;
      if (applies === UNKNOWN) this.failed = [...this.failed, id];
      else if (effect === "permit") this.permits = [...this.permits, id];
      else this.forbids = [...this.forbids, id];
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      this.failed = [...this.failed, id];
    }
  }
}

/** What can come of a request of which some is unknown: each condition that depends on it is taken as possibly true. */
export function outlook(policies: readonly CompiledPolicy[], request: CedarRequest): Outlook {
  const found = { permits: [] as string[], forbids: [] as string[], mayForbid: [] as string[] };
  for (const policy of policies) {
    const applies = possibly(policy, request);
    if (applies === false) continue;
    if (policy.effect === "permit") found.permits.push(policy.id);
    else if (applies === true) found.forbids.push(policy.id);
    else found.mayForbid.push(policy.id);
  }
  return found;
}

/** A policy that fails on what is known may still apply to what is not: it counts as possible. */
function possibly(policy: CompiledPolicy, request: CedarRequest): boolean | Unknown {
  try {
    return policy.applies(request);
  } catch (error) {
    if (error instanceof EvaluationError) return UNKNOWN;
    throw error;
  }
}
