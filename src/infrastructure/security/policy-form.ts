import { type FormProblem, formProblem } from "#kernel/access/policy-reach";
import { checkPolicies } from "#kernel/access/policy-sources";
import type { Policies } from "#kernel/access/policy-terms";
import { type Text, text } from "#lib/language/text";
import type { Level } from "./change.ts";
import { securityPorts } from "./ports.ts";
import { boundPolicy, type House } from "./reach.ts";

const ID = "policy";
const FORM_PROBLEMS: Readonly<Record<FormProblem, Text>> = {
  "not-officials": text(
    "只能规定工作人员（principal 不限定，或 principal is Official）。",
    "It can be about officials alone (principal unrestricted, or principal is Official).",
  ),
  individual: text(
    '权限跟随岗位，不能点名某个人、某个办件或某个系统；仅禁止策略可以用 principal == Official::"…" 停止一个人的权限。',
    'Rights follow posts: it cannot name a single person, case or system. A forbid alone may suspend one official by principal == Official::"…".',
  ),
};
const ONLY_FORBIDS = text(
  "对下级机关只能禁止（forbid），不能授权（permit）。",
  "For the authorities below it can forbid, not permit.",
);
const NONE_BELOW = text("本机关没有下级机关。", "There is no authority below this one.");
const NOTHING_TO_GIVE = text(
  "授权只能及于本机关所管系统的操作，或本机关办件的环节。",
  "A permit can be for operations of the systems that this authority keeps, or for steps of its own cases.",
);

/** A policy as it was read, and all that keeps it from being taken. */
export interface ReadPolicy {
  readonly json: Policies[string] | undefined;
  readonly problems: readonly Text[];
}

/** Reads a policy, has Cedar check it strictly, and holds it against what its level can reach. */
export async function readPolicy(
  house: House,
  policy: { readonly source: string; readonly level: Level; readonly authority: string },
): Promise<ReadPolicy> {
  const found = await checkPolicies(securityPorts().contracts, { [ID]: policy.source });
  const json = found.policies[ID];
  const problems = found.problems.map((problem) => {
    const said = problem.replace(`${ID}: `, "");
    return text(`Cedar 检查：${said}`, `Cedar: ${said}`);
  });
  if (json === undefined || problems.length > 0) return { json, problems };
  return { json, problems: formProblems(house, { ...policy, json }) };
}

function formProblems(
  house: House,
  { json, level, authority }: { readonly json: Policies[string]; readonly level: Level; readonly authority: string },
): readonly Text[] {
  const form = formProblem(json);
  if (form) return [FORM_PROBLEMS[form]];
  if (level === "superior" && json.effect === "permit") return [ONLY_FORBIDS];
  if (boundPolicy(house, { level, authority, content: { kind: "policy", source: "", json } })) return [];
  return [json.effect === "forbid" ? NONE_BELOW : NOTHING_TO_GIVE];
}
