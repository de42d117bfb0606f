import { UnsupportedPolicyError } from "#lib/cedar/expression";
import { compilePolicy } from "#lib/cedar/policy";
import { compileRowTerm, concernsRows } from "#lib/cedar/row-term";
import type { Contract } from "../contract/contract.ts";
import { Fault } from "../errors/fault.ts";
import { type Action, actionsOf, actionsOfHouse } from "./action.ts";
import { DEFAULT_ASSURANCE_FLOORS, grantPolicies, kernelPolicies } from "./base-policies.ts";
import "./faults.ts";
import { type Policies, policyWords } from "./policy-terms.ts";
import { cedarSchema } from "./schema.ts";

/** A policy as its author writes it, in Cedar, by its id. */
export type PolicySources = Readonly<Record<string, string>>;

/** An administrator's policies that one authority has at most; each costs a little at each decision. */
export const FURTHER_POLICIES_MAX = 10_000;

const PROBLEMS_SHOWN_MAX = 50;

/** Cedar's own parser and checker. They take 30 MB, and most nodes never need them: what contracts grant is written in terms. */
const cedar = () => import("@cedar-policy/cedar-wasm/nodejs");

/**
 * Reads further policies and has Cedar check them in its strict mode against the contracts' actions.
 * @param sources each carries `@zh("…")` and `@en("…")`, which say what it does
 * @throws Fault `ERR_ACCESS_POLICIES`, which lists what is wrong
 */
export async function readPolicies(contracts: readonly Contract[], sources: PolicySources): Promise<Policies> {
  if (Object.keys(sources).length === 0) return {};
  const found = await checkPolicies(contracts, sources);
  if (found.problems.length === 0) return found.policies;
  const more = found.problems.length - PROBLEMS_SHOWN_MAX;
  const shown = [...found.problems.slice(0, PROBLEMS_SHOWN_MAX), ...(more > 0 ? [`and ${more} more`] : [])];
  throw new Fault("ERR_ACCESS_POLICIES", { message: shown.join("; ") });
}

/** As {@link readPolicies}, for who wants the list of what is wrong: each problem begins with the policy's id. */
export async function checkPolicies(
  contracts: readonly Contract[],
  sources: PolicySources,
): Promise<{ readonly policies: Policies; readonly problems: readonly string[] }> {
  const ids = Object.keys(sources);
  if (ids.length > FURTHER_POLICIES_MAX)
    return { policies: {}, problems: [`more than ${FURTHER_POLICIES_MAX} policies`] };
  const kernel = kernelPolicies(DEFAULT_ASSURANCE_FLOORS);
  const taken = ids.flatMap((id) => (id in kernel ? [`${id}: the id is taken by a policy of the kernel`] : []));
  const { policyToJson } = await cedar();
  const policies: Record<string, Policies[string]> = {};
  const unread: string[] = [];
  for (const [id, source] of Object.entries(sources)) {
    const answer = policyToJson(source);
    if (answer.type === "success") policies[id] = answer.json;
    else unread.push(...answer.errors.map((error) => `${id}: ${error.message}`));
  }
  const checked = await policyProblems(actionsOfHouse(contracts), policies, { further: true });
  return { policies, problems: [...taken, ...unread, ...checked, ...Object.entries(policies).flatMap(ownProblems)] };
}

function ownProblems([id, json]: readonly [string, Policies[string]]): readonly string[] {
  const silent = policyWords(json) === undefined ? [`${id}: @zh and @en must say what it does`] : [];
  try {
    compilePolicy(id, json);
    // What no list can be filtered by would have every list loaded whole, or shown empty.
    if (concernsRows(json)) compileRowTerm(json);
    return silent;
  } catch (error) {
    if (!(error instanceof UnsupportedPolicyError)) throw error;
    return [...silent, `${id}: ${error.message}`];
  }
}

/**
 * What Cedar finds wrong with the policies that this code makes itself: the kernel's own, and the grants of contracts. Tests ask
 * it; a node that starts does not, as it would take longer than all else that is checked then.
 */
export async function derivedPolicyProblems(contracts: readonly Contract[]): Promise<readonly string[]> {
  const problems = [...(await policyProblems(actionsOfHouse(contracts), kernelPolicies(DEFAULT_ASSURANCE_FLOORS)))];
  for (const contract of contracts) {
    // A room's grants concern its own actions alone; Cedar's checker takes a time that grows with the whole schema.
    const own = actionsOf(contract);
    problems.push(...(await policyProblems(own, grantPolicies(own))));
  }
  return problems;
}

async function policyProblems(
  actions: readonly Action[],
  policies: Policies,
  options: { readonly further?: boolean } = {},
): Promise<readonly string[]> {
  const { validate } = await cedar();
  const answer = validate({
    schema: cedarSchema(actions),
    policies: { staticPolicies: { ...policies } },
    validationSettings: { mode: "strict" },
  });
  if (answer.type === "failure") return answer.errors.map((error) => error.message);
  // A policy that can never apply is a mistake of whoever wrote it; the kernel's own may concern what no contract has yet.
  const idle = options.further ? answer.validationWarnings : [];
  return [...answer.validationErrors, ...idle].map((found) => `${found.policyId}: ${found.error.message}`);
}

/** A policy as Cedar writes it, for readers. */
export async function policySource(json: Policies[string]): Promise<string> {
  const { policyToText } = await cedar();
  const answer = policyToText(json);
  if (answer.type === "failure") throw new Fault("ERR_ACCESS_POLICIES", { message: answer.errors[0]?.message ?? "" });
  return answer.text;
}
