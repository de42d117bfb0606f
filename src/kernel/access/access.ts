import { authorize, type CompiledPolicy, compilePolicy, outlook } from "#lib/cedar/policy";
import { indexPolicies, type PolicyIndex } from "#lib/cedar/policy-index";
import type { Bind, RowColumns } from "#lib/cedar/row-sql";
import { authorizeRows } from "#lib/cedar/rows";
import { type Text, text } from "#lib/language/text";
import type { Contract } from "../contract/contract.ts";
import { assert } from "../errors/fault.ts";
import type { EntryValues } from "../registers/entry-types.ts";
import { type Act, type PostRef, PURPOSES, type Purpose } from "../system/act.ts";
import { type Action, actionsOfHouse, type PrincipalType, principalTypes } from "./action.ts";
import {
  type ActionFacts,
  type Attempt,
  actionFacts,
  attemptOf,
  CASE_FACTS,
  type CaseFacts,
  cedarRequest,
} from "./attempt.ts";
import {
  type AssuranceFloors,
  DEFAULT_ASSURANCE_FLOORS,
  grantId,
  grantPolicies,
  kernelPolicies,
} from "./base-policies.ts";
import { concernsAction } from "./policy-scope.ts";
import { type PolicySet, policySetOf } from "./policy-set.ts";
import { type Policies, policyWords } from "./policy-terms.ts";
import { knownDuties } from "./schema.ts";

/** One attempt at one door. */
export interface AccessRequest {
  readonly act: Act;
  readonly room: string;
  /** What follows the room in the action's id: `findPerson`, `foodLicence.submit`, `foodLicence.task.examine`. */
  readonly operation: string;
  readonly kind: "query" | "command";
  /** The case that is read or worked on. */
  readonly case?: (CaseFacts & { readonly id: string }) | undefined;
  /** The register's entry that is read: what policies may see of it. */
  readonly entry?: EntryValues | undefined;
}

/** What may be read of a list: nothing, or the rows that fulfil a condition. */
export type RowsDecision = Decision & {
  /** Policies that say another thing of one row than of the other. */
  readonly byRow?: readonly string[];
  /** Which rows, as SQL that is never NULL; `undefined` where all may be read, or none. */
  readonly where?: ((bind: Bind) => string) | undefined;
};

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
  /**
   * Decides about the rows of a list before any is read: a row fulfils the condition exactly when `decide` would allow it. Of cases,
   * `case` is left out: each row has its own.
   */
  decideRows(request: Omit<AccessRequest, "case" | "entry">, columns: RowColumns): RowsDecision;
  /** What the contracts grant for an action, before forbids: `whoCan("population.findPerson")`. */
  whoCan(action: string): readonly Permission[];
  /** What an official at this post may do, and for which purposes; forbids taken into account. */
  whatCan(post: PostRef): readonly { readonly action: string; readonly purposes: readonly Purpose[] }[];
  /** What an official at this post could ever do, conditions on anything but the post taken as possibly true. */
  whatMay(post: PostRef): readonly Possibility[];
  /** All policies that decide, with those of the contracts; computed at the first need. */
  policySet(): PolicySet;
  /** The same contracts under other further policies: what would change, before it does. */
  with(policies: Policies): Access;
}

/** An action that a post may come to do, and the policies that make it possible. */
export interface Possibility {
  readonly action: Action;
  readonly permits: readonly string[];
  /** Forbids that prevent it in some cases. */
  readonly mayForbid: readonly string[];
}

interface CompiledAction extends ActionFacts {
  /** What can concern each type of principals that the contract provides for: a decision costs what they cost, not what all do. */
  readonly policies: ReadonlyMap<PrincipalType, PolicyIndex>;
  readonly texts: ReadonlyMap<string, Text>;
}

/**
 * Compiles the access rules of a set of contracts: what each grants, what the kernel forbids, and further policies, which
 * `readPolicies` has checked.
 */
export function compileAccess(options: {
  readonly contracts: readonly Contract[];
  readonly policies?: Policies;
  readonly assurance?: Partial<AssuranceFloors>;
}): Access {
  return new CompiledAccess({
    actions: actionsOfHouse(options.contracts),
    kernel: kernelPolicies({ ...DEFAULT_ASSURANCE_FLOORS, ...options.assurance }),
    further: options.policies ?? {},
  });
}

/** A policy that may concern several actions, compiled once for all of them. */
interface GeneralPolicy {
  readonly json: Policies[string];
  readonly compiled: CompiledPolicy;
}

function compileGeneral(policies: Policies): readonly GeneralPolicy[] {
  return Object.entries(policies).map(([id, json]) => ({ json, compiled: compileForAction(id, json) }));
}

/** Of an action that it is known to concern: that need not be found again at each decision. */
function compileForAction(id: string, json: Policies[string]): CompiledPolicy {
  return compilePolicy(id, { ...json, action: { op: "All" } });
}

function compileAction(action: Action, general: readonly GeneralPolicy[]): CompiledAction {
  const concerned = [
    ...general.filter(({ json }) => concernsAction(json.action, action.id, action.groups)),
    ...Object.entries(grantPolicies([action])).map(([id, json]) => ({ json, compiled: compileForAction(id, json) })),
  ];
  const ofType = (type: PrincipalType) =>
    concerned
      .map(({ compiled }) => compiled)
      .filter(({ principalType }) => principalType === undefined || principalType === type);
  return {
    ...actionFacts(action),
    policies: new Map(principalTypes(action).map((type) => [type, indexPolicies(ofType(type))])),
    texts: new Map(concerned.map(({ json, compiled: { id } }) => [id, policyWords(json) ?? text(id, id)])),
  };
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

/** What is known of an attempt that nobody has made yet: the post alone. */
const UNKNOWN_OF_A_POST: ReadonlySet<string> = new Set([
  "purpose",
  "legalBasis",
  "assurance",
  "zone",
  "onBehalfOf",
  "caseId",
  "entry",
  CASE_FACTS,
]);

/** What differs from row to row of a list. */
const UNKNOWN_OF_ROWS: ReadonlySet<string> = new Set(["entry", CASE_FACTS]);
const UNKNOWN_OF_CASES: ReadonlySet<string> = new Set([...UNKNOWN_OF_ROWS, "caseId"]);

class CompiledAccess implements Access {
  readonly actions: readonly Action[];
  readonly #byId: ReadonlyMap<string, Action>;
  readonly #kernel: Policies;
  /** What is not the grant of one action: the kernel's policies and further ones. */
  readonly #general: Policies;
  readonly #duties: ReadonlySet<string>;
  #set: PolicySet | undefined;
  readonly #compiled = new Map<string, CompiledAction>();
  #compiledGeneral: readonly GeneralPolicy[] | undefined;

  constructor(options: { actions: readonly Action[]; kernel: Policies; further: Policies }) {
    this.actions = options.actions;
    this.#byId = new Map(options.actions.map((action) => [action.id, action]));
    this.#kernel = options.kernel;
    this.#general = { ...options.further, ...options.kernel };
    this.#duties = new Set(knownDuties(options.actions));
  }

  policySet(): PolicySet {
    this.#set ??= policySetOf({ ...grantPolicies(this.actions), ...this.#general });
    return this.#set;
  }

  with(policies: Policies): Access {
    return new CompiledAccess({ actions: this.actions, kernel: this.#kernel, further: policies });
  }

  decide(request: AccessRequest): Decision {
    const action = this.#byId.get(`${request.room}.${request.operation}`);
    if (!action) return denied(UNKNOWN_ACTION);
    assert(action.kind === request.kind, `${action.id} is a ${action.kind}`);
    const compiled = this.#compile(action);
    const attempt = attemptOf(request, this.#duties);
    const policies = compiled.policies.get(attempt.principal);
    // Cedar denies by default; this also keeps a further policy from granting what the contract does not offer.
    if (policies === undefined) return denied(WRONG_AUDIENCE);
    const { allowed, reasons, failed } = authorize(policies, cedarRequest(compiled, attempt));
    // A forbid that fails would be passed over by Cedar: whatever fails denies.
    if (failed.length > 0) return denied(POLICY_FAILED);
    if (reasons.length === 0) return denied(NOTHING_PERMITS);
    return { allowed, policies: reasons, reasons: reasons.map((id) => compiled.texts.get(id) ?? text(id, id)) };
  }

  decideRows(request: Omit<AccessRequest, "case" | "entry">, columns: RowColumns): RowsDecision {
    const action = this.#byId.get(`${request.room}.${request.operation}`);
    if (!action) return denied(UNKNOWN_ACTION);
    assert(action.kind === request.kind, `${action.id} is a ${action.kind}`);
    const compiled = this.#compile(action);
    const attempt = attemptOf(request, this.#duties);
    const policies = compiled.policies.get(attempt.principal);
    if (policies === undefined) return denied(WRONG_AUDIENCE);
    const unknown = action.resource === "Case" ? UNKNOWN_OF_CASES : UNKNOWN_OF_ROWS;
    const found = authorizeRows(policies, cedarRequest(compiled, attempt, unknown), columns);
    if (!found.allowed && found.failed.length > 0) return denied(POLICY_FAILED);
    if (found.reasons.length === 0) return denied(NOTHING_PERMITS);
    const reasons = found.reasons.map((id) => compiled.texts.get(id) ?? text(id, id));
    const decision = { allowed: found.allowed, policies: found.reasons, reasons };
    return found.allowed ? { ...decision, byRow: found.byRow, where: found.where } : decision;
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
    const further = Object.entries(this.#general).filter(
      ([, json]) => json.effect === "permit" && concernsAction(json.action, action.id, action.groups),
    );
    return [
      ...granted,
      ...further.map(([id]) => ({ policy: id, audience: "policy", duty: undefined, purposes: undefined })),
    ];
  }

  whatCan(post: PostRef): readonly { readonly action: string; readonly purposes: readonly Purpose[] }[] {
    return this.actions.flatMap((action) => {
      const purposes = PURPOSES.filter((purpose) => this.decide(attemptAtPost(action, post, purpose)).allowed);
      return purposes.length === 0 ? [] : [{ action: action.id, purposes }];
    });
  }

  whatMay(post: PostRef): readonly Possibility[] {
    return this.actions.flatMap((action) => {
      const compiled = this.#compile(action);
      const policies = compiled.policies.get("Official");
      if (policies === undefined) return [];
      const attempt: Attempt = attemptOf(attemptAtPost(action, post, "case"), this.#duties);
      const { permits, forbids, mayForbid } = outlook(
        policies.policies,
        cedarRequest(compiled, attempt, UNKNOWN_OF_A_POST),
      );
      return permits.length === 0 || forbids.length > 0 ? [] : [{ action, permits, mayForbid }];
    });
  }

  /** Compiled when it is first asked about: a node starts before it knows what will be asked. */
  #compile(action: Action): CompiledAction {
    const known = this.#compiled.get(action.id);
    if (known) return known;
    this.#compiledGeneral ??= compileGeneral(this.#general);
    const compiled = compileAction(action, this.#compiledGeneral);
    this.#compiled.set(action.id, compiled);
    return compiled;
  }
}

function attemptAtPost(action: Action, post: PostRef, purpose: Purpose): AccessRequest {
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
  return {
    act,
    room: action.room,
    operation: action.name,
    kind: action.kind,
    case: { id: "what-can", authority: post.authority },
  };
}

function denied(reason: Text): Decision {
  return Object.freeze({ allowed: false, policies: [], reasons: [reason] });
}
