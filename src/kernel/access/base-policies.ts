import type { Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type Text, text } from "#lib/language/text";
import type { Audience } from "../contract/contract.ts";
import type { Assurance } from "../system/act.ts";
import { type Action, AUDIT_DUTY, type Grant } from "./action.ts";
import {
  actionIn,
  all,
  attribute,
  below,
  contains,
  context,
  contextHas,
  either,
  equal,
  isEmpty,
  member,
  not,
  oneOf,
  type Policies,
  policy,
  policyWords,
  principalIs,
  resource,
  resourceHas,
  value,
} from "./policy-terms.ts";

/** How sure the node must be of who someone is, before he may do anything that is not open to everyone. */
export interface AssuranceFloors {
  readonly person: Assurance;
  /** A person who acts for an organization. */
  readonly organization: Assurance;
  readonly official: Assurance;
}

export const DEFAULT_ASSURANCE_FLOORS: AssuranceFloors = { person: 1, organization: 1, official: 1 };

/** One permit for each grant of each action. Its id says which contract granted it: `population@1.0/findPerson/node`. */
export function grantPolicies(actions: readonly Action[]): Policies {
  return Object.fromEntries(
    actions.flatMap((action) => action.grants.map((grant) => [grantId(action, grant), grantPolicy(action, grant)])),
  );
}

export function grantId(action: Action, grant: Grant): string {
  const duty = grant.duty === undefined ? "" : `/${grant.duty}`;
  return `${action.contract}/${action.name}/${grant.audience}${duty}`;
}

function grantPolicy(action: Action, grant: Grant): PolicyJson {
  const [first, ...rest] = [
    ...audienceCondition(action, grant),
    ...(grant.audience === "official" ? [contains(context("duties"), member("Duty", grant.duty ?? ""))] : []),
    ...(grant.purposes ? [all(contextHas("purpose"), oneOf(purposes(grant.purposes), context("purpose")))] : []),
  ];
  return policy("permit", {
    words: grantText(action, grant),
    annotations: { contract: action.contract },
    principal: principalScope(grant.audience),
    actions: { action: action.id },
    when: first && all(first, ...rest),
  });
}

function purposes(names: readonly string[]): readonly Expr[] {
  return names.map((name) => member("Purpose", name));
}

function principalScope(audience: Audience): string | undefined {
  switch (audience) {
    case "public":
      return undefined;
    case "person":
    case "organization":
      return "Person";
    case "official":
      return "Official";
    case "node":
      return "Node";
  }
}

/**
 * An item for persons is not applied for in an organization's name, and in another person's by the rights alone that the item names. An
 * operation for persons stays theirs whomever they act for.
 */
function audienceCondition(action: Action, { audience, forOthers = [], clients }: Grant): readonly Expr[] {
  if (audience === "organization") return [behalfIs("organization")];
  // What rooms may ask of each other is not thereby open to systems that are not ours: for them somebody decides.
  if (audience === "node") return clients === "admitted" ? [] : [not(contextHas("origin", "client"))];
  if (audience !== "person" || action.resource === "Room") return [];
  const himself = not(contextHas("onBehalfOf"));
  if (forOthers.length === 0) return [himself];
  const rights = forOthers.map((right) => value(right));
  return [either(himself, all(behalfIs("person"), oneOf(rights, attribute(context("onBehalfOf"), "right"))))];
}

function behalfIs(kind: "person" | "organization"): Expr {
  return all(contextHas("onBehalfOf"), equal(attribute(context("onBehalfOf"), "kind"), value(kind)));
}

function grantText(action: Action, grant: Grant): Text {
  const { title } = action;
  if (grant.duty) {
    return {
      zh: `契约 ${action.contract} 规定：岗位职责含 ${grant.duty} 的，可以办理“${title.zh}”。`,
      en: `Contract ${action.contract}: a post with the duty ${grant.duty} may do “${title.en}”.`,
    };
  }
  return {
    zh: `契约 ${action.contract} 规定：${AUDIENCES[grant.audience].zh}可以办理“${title.zh}”。`,
    en: `Contract ${action.contract}: ${AUDIENCES[grant.audience].en} may do “${title.en}”.`,
  };
}

const AUDIENCES: Readonly<Record<Audience, Text>> = {
  public: { zh: "任何人", en: "anyone" },
  person: { zh: "已登录的个人", en: "a person who has signed in" },
  organization: { zh: "代表组织办事的个人", en: "a person who acts for an organization" },
  official: { zh: "工作人员", en: "an official" },
  node: { zh: "其他系统", en: "another system" },
};

const ON_CASES = ["task", "message", "case-read"];
const AT_WORK = ["register-read", ...ON_CASES];
const purposeIs = (name: string): Expr =>
  all(contextHas("purpose"), equal(context("purpose"), member("Purpose", name)));

/** What no contract and no further policy can lift. */
export function kernelPolicies(floors: AssuranceFloors): Policies {
  return {
    // 个人信息保护法 §6: a definite and reasonable purpose.
    "kernel.purpose-stated": policy("forbid", {
      words: text("未说明目的的请求一律拒绝。", "A request that states no purpose is refused."),
      unless: contextHas("purpose"),
    }),
    // 个人信息保护法 §13, §34: an authority handles personal information within its statutory powers.
    "kernel.personal-needs-legal-basis": policy("forbid", {
      words: text(
        "查阅个人信息登记簿，须说明法律依据。",
        "A register of personal information is read on a stated legal basis only.",
      ),
      actions: { inGroups: ["personal"] },
      when: isEmpty(context("legalBasis")),
    }),
    "kernel.auditor-never-writes": policy("forbid", {
      words: text("审计岗位只读，不得作任何更改。", "An auditor's post reads and changes nothing."),
      principal: "Official",
      actions: { inGroups: ["command"] },
      when: contains(context("duties"), member("Duty", AUDIT_DUTY)),
      // What anyone may do without signing in, such as signing out, stays open to an auditor too.
      unless: actionIn("open"),
    }),
    "kernel.case-named": policy("forbid", {
      words: text("为办件查阅或处理的，须指明办件编号。", "An official who acts for a case names the case."),
      principal: "Official",
      actions: { inGroups: AT_WORK },
      when: all(purposeIs("case"), not(contextHas("caseId"))),
    }),
    "kernel.own-affairs": policy("forbid", {
      words: text(
        "“本人事务”仅限本人，不得作为工作人员查阅的理由。",
        "“One's own affairs” is a purpose of persons, not of officials at work.",
      ),
      principal: "Official",
      actions: { inGroups: AT_WORK },
      when: purposeIs("own-affairs"),
    }),
    "kernel.other-authority": policy("forbid", {
      words: text("此办件由其他机关办理。", "This case belongs to another authority."),
      principal: "Official",
      actions: { inGroups: ON_CASES },
      resource: "Case",
      when: all(
        resourceHas("authority"),
        not(all(contextHas("authority"), equal(context("authority"), resource("authority")))),
      ),
      unless: purposeIs("supervision"),
    }),
    "kernel.intranet-serves-officials": policy("forbid", {
      words: text("政务内网不向社会公众提供服务。", "The intranet does not serve the public."),
      when: all(
        equal(context("zone"), member("Zone", "intranet")),
        either(principalIs("Public"), principalIs("Person")),
      ),
      // Before somebody has signed in, nobody can tell an official: signing in and out is what is left.
      unless: all(actionIn("open"), actionIn("command")),
    }),
    "kernel.assurance-person": floor("Person", floors.person, not(contextHas("onBehalfOf"))),
    "kernel.assurance-organization": floor("Person", floors.organization, contextHas("onBehalfOf")),
    "kernel.assurance-official": floor("Official", floors.official),
  };
}

/** What each of the kernel's own policies says. */
export function kernelPolicyTexts(): Readonly<Record<string, Text>> {
  const policies = Object.entries(kernelPolicies(DEFAULT_ASSURANCE_FLOORS));
  return Object.fromEntries(policies.map(([id, json]) => [id, policyWords(json) ?? text(id, id)]));
}

function floor(principal: string, assurance: Assurance, ...conditions: readonly Expr[]): PolicyJson {
  return policy("forbid", {
    words: text(
      "身份核验等级不足，请用更高等级的方式登录。",
      "Your sign-in is not strong enough for this; please sign in with a stronger method.",
    ),
    principal,
    when: all(below(context("assurance"), value(assurance)), ...conditions),
    unless: actionIn("open"),
  });
}
