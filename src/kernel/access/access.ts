import {
  type PolicyJson,
  policyToJson,
  preparsePolicySet,
  statefulIsAuthorized,
  validate,
} from "@cedar-policy/cedar-wasm/nodejs";
import { type Text, text } from "#lib/language/text";
import type { Contract } from "../contract/contract.ts";
import { assert, Fault } from "../errors/fault.ts";
import { type Act, type PostRef, PURPOSES, type Purpose } from "../system/act.ts";
import { type Action, actionsOf, type PrincipalType, principalTypes } from "./action.ts";
import { type Attempt, attemptKey, attemptOf, cedarRequest } from "./attempt.ts";
import {
  type AssuranceFloors,
  DEFAULT_ASSURANCE_FLOORS,
  grantId,
  grantPolicies,
  kernelPolicies,
  type PolicySources,
} from "./base-policies.ts";
import "./faults.ts";
import { concernsAction, type Reads, readsOf } from "./policy-shape.ts";
import { cedarSchema, knownDuties } from "./schema.ts";

/** How many decisions are remembered; the oldest go first. */
export const MAX_REMEMBERED_DECISIONS = 20_000;

/** One attempt at one door. */
export interface AccessRequest {
  readonly act: Act;
  readonly room: string;
  /** What follows the room in the action's id: `findPerson`, `foodLicence.submit`, `foodLicence.task.examine`. */
  readonly operation: string;
  readonly kind: "query" | "command";
  /** The case that is read or worked on, and the authority that handles it. */
  readonly case?: { readonly id: string; readonly authority: string } | undefined;
}

export interface Decision {
  readonly allowed: boolean;
  /** The policies that made it: permits of an allowed attempt, forbids of a denied one; none where nothing permits it. */
  readonly policies: readonly string[];
  /** The same for a reader. Not for the one who was refused: it tells how the house is guarded. */
  readonly reasons: readonly Text[];
}

/** Who may do an action, by one policy. */
export interface Permission {
  readonly policy: string;
  readonly audience: string;
  readonly duty: string | undefined;
  readonly purposes: readonly string[] | undefined;
}

export interface Access {
  readonly actions: readonly Action[];
  /** Deny by default: allowed only if some policy permits it and none forbids it. Synchronous. */
  decide(request: AccessRequest): Decision;
  /** What the contracts grant for an action, before forbids: `whoCan("population.findPerson")`. */
  whoCan(action: string): readonly Permission[];
  /** What an official at this post may do, and for which purposes; forbids taken into account. */
  whatCan(post: PostRef): readonly { readonly action: string; readonly purposes: readonly Purpose[] }[];
}

interface CompiledAction {
  readonly action: Action;
  readonly types: readonly PrincipalType[];
  /** The name of its slice of the policies in Cedar's own cache. */
  readonly policySet: string;
  readonly reads: Reads;
  readonly texts: ReadonlyMap<string, Text>;
}

let compilations = 0;

/**
 * Compiles the access rules of a set of contracts: what each grants, what the kernel forbids, and further policies.
 * @param options.policies further Cedar policies by id; each carries `@zh("…")` and `@en("…")`, which say what it does
 * @throws Fault `ERR_ACCESS_POLICIES`, which lists everything that is wrong
 */
export function compileAccess(options: {
  readonly contracts: readonly Contract[];
  readonly policies?: PolicySources;
  readonly assurance?: Partial<AssuranceFloors>;
}): Access {
  const actions = options.contracts.flatMap(actionsOf);
  const kernel = kernelPolicies({ ...DEFAULT_ASSURANCE_FLOORS, ...options.assurance });
  const further = options.policies ?? {};
  const problems = [
    ...Object.keys(further).flatMap((id) => (id in kernel ? [`${id}: the id is taken by a policy of the kernel`] : [])),
    ...(Object.keys(further).length === 0 ? [] : policyProblems({ actions, policies: further, further })),
  ];
  if (problems.length > 0) throw new Fault("ERR_ACCESS_POLICIES", { message: problems.join("; ") });

  compilations += 1;
  const name = `access-${compilations}`;
  return new CompiledAccess({ actions, general: parsed({ ...kernel, ...further }), name });
}

/**
 * What Cedar finds wrong with the policies that this code makes itself: the kernel's own, and the grants of contracts. Tests ask
 * it; a node that starts does not, as it would take longer than all else that is checked then.
 */
export function derivedPolicyProblems(contracts: readonly Contract[]): readonly string[] {
  return [
    ...policyProblems({ actions: contracts.flatMap(actionsOf), policies: kernelPolicies(DEFAULT_ASSURANCE_FLOORS) }),
    ...contracts.flatMap((contract) => {
      const own = actionsOf(contract);
      // A room's grants concern its own actions alone; Cedar's checker takes a time that grows with the whole schema.
      return policyProblems({ actions: own, policies: grantPolicies(own) });
    }),
  ];
}

function policyProblems(set: {
  actions: readonly Action[];
  policies: PolicySources;
  further?: PolicySources;
}): readonly string[] {
  const further = set.further ?? {};
  const answer = validate({
    schema: cedarSchema(set.actions),
    policies: { staticPolicies: { ...set.policies } },
    validationSettings: { mode: "strict" },
  });
  if (answer.type === "failure") return answer.errors.map((error) => error.message);
  // A policy that can never apply is a mistake of whoever wrote it; the kernel's own may concern what no contract has yet.
  const idle = answer.validationWarnings.filter((warning) => warning.policyId in further);
  const silent = Object.entries(further).flatMap(([id, source]) => {
    const policy = policyToJson(source);
    return policy.type === "success" && policyText(policy.json) === undefined
      ? [`${id}: @zh and @en must say what it does`]
      : [];
  });
  return [
    ...answer.validationErrors.concat(idle).map((found) => `${found.policyId}: ${found.error.message}`),
    ...silent,
  ];
}

type ParsedPolicies = ReadonlyMap<string, PolicyJson>;

function parsed(sources: PolicySources): ParsedPolicies {
  return new Map(
    Object.entries(sources).map(([id, source]) => {
      const answer = policyToJson(source);
      assert(answer.type === "success", `policy ${id} was validated and does not parse`);
      return [id, answer.json];
    }),
  );
}

/** Only the policies that can concern an action are asked about it: a decision costs what they cost, not what all do. */
function compileAction(options: { action: Action; general: ParsedPolicies; name: string }): CompiledAction {
  const { action } = options;
  const policies = new Map([
    ...parsed(grantPolicies([action])),
    ...[...options.general].filter(([, policy]) => concernsAction(policy.action, action.id, action.groups)),
  ]);
  const policySet = `${options.name}/${action.id}`;
  const answer = preparsePolicySet(policySet, { staticPolicies: Object.fromEntries(policies) });
  assert(answer.type === "success", `the policies of ${action.id} were validated and do not parse`);
  return {
    action,
    types: principalTypes(action),
    policySet,
    reads: readsOf([...policies.values()]),
    texts: new Map([...policies].map(([id, policy]) => [id, policyText(policy) ?? text(id, id)])),
  };
}

function policyText(policy: PolicyJson): Text | undefined {
  const { zh, en } = (policy.annotations ?? {}) as { zh?: string; en?: string };
  return zh && en ? text(zh, en) : undefined;
}

const UNKNOWN_ACTION = text("没有此项操作。", "There is no such operation.");
const WRONG_AUDIENCE = text(
  "契约未向此类访问者开放该操作。",
  "The contract does not open this operation to such a caller.",
);
const NOTHING_PERMITS = text(
  "没有策略允许：岗位职责、目的或身份不符合该操作的要求。",
  "No policy permits this: duty, purpose or standing do not meet what the operation asks for.",
);
const POLICY_FAILED = text("策略求值出错，按拒绝处理。", "A policy could not be evaluated; the attempt is denied.");

class CompiledAccess implements Access {
  readonly actions: readonly Action[];
  readonly #byId: ReadonlyMap<string, Action>;
  /** What is not the grant of one action: the kernel's policies and further ones. */
  readonly #general: ParsedPolicies;
  readonly #duties: ReadonlySet<string>;
  readonly #name: string;
  readonly #compiled = new Map<string, CompiledAction>();
  readonly #remembered = new Map<string, Decision>();

  constructor(options: { actions: readonly Action[]; general: ParsedPolicies; name: string }) {
    this.actions = options.actions;
    this.#byId = new Map(options.actions.map((action) => [action.id, action]));
    this.#general = options.general;
    this.#duties = new Set(knownDuties(options.actions));
    this.#name = options.name;
  }

  decide(request: AccessRequest): Decision {
    const action = this.#byId.get(`${request.room}.${request.operation}`);
    if (!action) return denied(UNKNOWN_ACTION);
    assert(action.kind === request.kind, `${action.id} is a ${action.kind}`);
    const compiled = this.#compile(action);
    const attempt = attemptOf(request, this.#duties);
    // Cedar denies by default; this also keeps a further policy from granting what the contract does not offer.
    if (!compiled.types.includes(attempt.principal)) return denied(WRONG_AUDIENCE);
    const key = attemptKey(compiled, attempt);
    const known = this.#remembered.get(key);
    if (known) return known;
    const decision = this.#ask(compiled, attempt);
    this.#remember(key, decision);
    return decision;
  }

  whoCan(actionId: string): readonly Permission[] {
    const action = this.#byId.get(actionId);
    if (!action) return [];
    const granted = action.grants.map((grant) => ({
      policy: grantId(action, grant),
      audience: grant.audience,
      duty: grant.duty,
      purposes: grant.purposes,
    }));
    const further = [...this.#general].filter(
      ([, policy]) => policy.effect === "permit" && concernsAction(policy.action, action.id, action.groups),
    );
    return [
      ...granted,
      ...further.map(([policy]) => ({ policy, audience: "policy", duty: undefined, purposes: undefined })),
    ];
  }

  whatCan(post: PostRef): readonly { readonly action: string; readonly purposes: readonly Purpose[] }[] {
    return this.actions.flatMap((action) => {
      const purposes = PURPOSES.filter((purpose) => this.#decideForPost(action, post, purpose).allowed);
      return purposes.length === 0 ? [] : [{ action: action.id, purposes }];
    });
  }

  #decideForPost(action: Action, post: PostRef, purpose: Purpose): Decision {
    const act: Act = {
      id: "what-can",
      principal: { kind: "official", id: "what-can", post, assurance: 3 },
      purpose,
      legalBasis: [{ law: text("岗位职责", "Duties of the post"), article: "" }],
      caseId: "what-can",
      zone: "extranet",
      language: "zh",
      at: "1970-01-01T00:00:00Z",
    };
    return this.decide({
      act,
      room: action.room,
      operation: action.name,
      kind: action.kind,
      case: { id: "what-can", authority: post.authority },
    });
  }

  /** Compiled when it is first asked about: a node starts before it knows what will be asked. */
  #compile(action: Action): CompiledAction {
    const known = this.#compiled.get(action.id);
    if (known) return known;
    const compiled = compileAction({ action, general: this.#general, name: this.#name });
    this.#compiled.set(action.id, compiled);
    return compiled;
  }

  #ask(compiled: CompiledAction, attempt: Attempt): Decision {
    const { action } = compiled;
    const answer = statefulIsAuthorized({
      ...cedarRequest(action, attempt),
      preparsedPolicySetId: compiled.policySet,
    });
    assert(answer.type === "success", `Cedar does not take the request for ${action.id}: ${errorsOf(answer)}`);
    const { decision, diagnostics } = answer.response;
    // A forbid that fails would be passed over by Cedar: whatever fails denies.
    if (diagnostics.errors.length > 0) return denied(POLICY_FAILED);
    const policies = [...diagnostics.reason].sort();
    return Object.freeze({
      allowed: decision === "allow",
      policies,
      reasons: policies.length === 0 ? [NOTHING_PERMITS] : policies.map((id) => compiled.texts.get(id) ?? text(id, id)),
    });
  }

  #remember(key: string, decision: Decision): void {
    if (this.#remembered.size >= MAX_REMEMBERED_DECISIONS) {
      for (const oldest of this.#remembered.keys()) {
        this.#remembered.delete(oldest);
        break;
      }
    }
    this.#remembered.set(key, decision);
  }
}

function errorsOf(answer: { type: string; errors?: readonly { message: string }[] }): string {
  return (answer.errors ?? []).map((error) => error.message).join("; ");
}

function denied(reason: Text): Decision {
  return Object.freeze({ allowed: false, policies: [], reasons: [reason] });
}
