import type { Text } from "#lib/language/text";
import type { Audience } from "../contract/contract.ts";
import type { Assurance } from "../system/act.ts";
import { type Action, AUDIT_DUTY, type Grant } from "./action.ts";

/** How sure the node must be of who someone is, before he may do anything that is not open to everyone. */
export interface AssuranceFloors {
  readonly person: Assurance;
  /** A person who acts for an organization. */
  readonly organization: Assurance;
  readonly official: Assurance;
}

export const DEFAULT_ASSURANCE_FLOORS: AssuranceFloors = { person: 1, organization: 1, official: 1 };

/** The id of a policy, and its Cedar source. */
export type PolicySources = Readonly<Record<string, string>>;

const quoted = (value: string): string => JSON.stringify(value);

/** One permit for each grant of each action. Its id says which contract granted it: `population@1.0/findPerson/node`. */
export function grantPolicies(actions: readonly Action[]): PolicySources {
  return Object.fromEntries(
    actions.flatMap((action) => action.grants.map((grant) => [grantId(action, grant), grantPolicy(action, grant)])),
  );
}

export function grantId(action: Action, grant: Grant): string {
  const duty = grant.duty === undefined ? "" : `/${grant.duty}`;
  return `${action.contract}/${action.name}/${grant.audience}${duty}`;
}

function grantPolicy(action: Action, grant: Grant): string {
  const conditions = [
    ...audienceCondition(action, grant.audience),
    ...(grant.audience === "official" ? [`context.duties.contains(Duty::${quoted(grant.duty ?? "")})`] : []),
    ...(grant.purposes ? [`context has purpose && [${purposes(grant)}].contains(context.purpose)`] : []),
  ];
  const when = conditions.length === 0 ? "" : ` when { ${conditions.join(" && ")} }`;
  return `${words(grantText(action, grant))}
@contract(${quoted(action.contract)})
permit(${principalScope(grant.audience)}, action == Action::${quoted(action.id)}, resource)${when};`;
}

function purposes(grant: Grant): string {
  return (grant.purposes ?? []).map((purpose) => `Purpose::${quoted(purpose)}`).join(", ");
}

function principalScope(audience: Audience): string {
  switch (audience) {
    case "public":
      return "principal";
    case "person":
    case "organization":
      return "principal is Person";
    case "official":
      return "principal is Official";
    case "node":
      return "principal is Node";
  }
}

/** An item for persons is not applied for in an organization's name. An operation for persons stays theirs whomever they act for. */
function audienceCondition(action: Action, audience: Audience): readonly string[] {
  if (audience === "organization") return ["context has onBehalfOf"];
  if (audience === "person" && action.resource !== "Room") return ["!(context has onBehalfOf)"];
  return [];
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

const ON_CASES = 'Action::"task", Action::"message", Action::"case-read"';
const AT_WORK = `Action::"register-read", ${ON_CASES}`;

/** What no contract and no further policy can lift. */
export function kernelPolicies(floors: AssuranceFloors): PolicySources {
  return {
    // 个人信息保护法 §6: a definite and reasonable purpose.
    "kernel.purpose-stated": forbid(
      "未说明目的的请求一律拒绝。",
      "A request that states no purpose is refused.",
      "forbid(principal, action, resource) unless { context has purpose };",
    ),
    // 个人信息保护法 §13, §34: an authority handles personal information within its statutory powers.
    "kernel.personal-needs-legal-basis": forbid(
      "查阅个人信息登记簿，须说明法律依据。",
      "A register of personal information is read on a stated legal basis only.",
      'forbid(principal, action in Action::"personal", resource) when { context.legalBasis.isEmpty() };',
    ),
    "kernel.auditor-never-writes": forbid(
      "审计岗位只读，不得作任何更改。",
      "An auditor's post reads and changes nothing.",
      // What anyone may do without signing in, such as signing out, stays open to an auditor too.
      `forbid(principal is Official, action in Action::"command", resource)
       when { context.duties.contains(Duty::${quoted(AUDIT_DUTY)}) } unless { action in Action::"open" };`,
    ),
    "kernel.case-named": forbid(
      "为办件查阅或处理的，须指明办件编号。",
      "An official who acts for a case names the case.",
      `forbid(principal is Official, action in [${AT_WORK}], resource)
       when { context has purpose && context.purpose == Purpose::"case" && !(context has caseId) };`,
    ),
    "kernel.own-affairs": forbid(
      "“本人事务”仅限本人，不得作为工作人员查阅的理由。",
      "“One's own affairs” is a purpose of persons, not of officials at work.",
      `forbid(principal is Official, action in [${AT_WORK}], resource)
       when { context has purpose && context.purpose == Purpose::"own-affairs" };`,
    ),
    "kernel.other-authority": forbid(
      "此办件由其他机关办理。",
      "This case belongs to another authority.",
      `forbid(principal is Official, action in [${ON_CASES}], resource is Case)
       when { resource has authority && !(context has authority && context.authority == resource.authority) }
       unless { context has purpose && context.purpose == Purpose::"supervision" };`,
    ),
    "kernel.intranet-serves-officials": forbid(
      "政务内网不向社会公众提供服务。",
      "The intranet does not serve the public.",
      'forbid(principal, action, resource) when { context.zone == Zone::"intranet" && (principal is Public || principal is Person) };',
    ),
    "kernel.assurance-person": floor(
      "principal is Person",
      `context.assurance < ${floors.person} && !(context has onBehalfOf)`,
    ),
    "kernel.assurance-organization": floor(
      "principal is Person",
      `context.assurance < ${floors.organization} && context has onBehalfOf`,
    ),
    "kernel.assurance-official": floor("principal is Official", `context.assurance < ${floors.official}`),
  };
}

/** What each of the kernel's own policies says. */
export function kernelPolicyTexts(): Readonly<Record<string, Text>> {
  const policies = Object.entries(kernelPolicies(DEFAULT_ASSURANCE_FLOORS));
  return Object.fromEntries(
    policies.map(([id, source]) => {
      const [zh, en] = ["zh", "en"].map((language) => new RegExp(`@${language}\\((".*")\\)`).exec(source)?.[1] ?? '""');
      return [id, { zh: JSON.parse(zh ?? '""'), en: JSON.parse(en ?? '""') }];
    }),
  );
}

function floor(scope: string, condition: string): string {
  return forbid(
    "身份核验等级不足，请用更高等级的方式登录。",
    "Your sign-in is not strong enough for this; please sign in with a stronger method.",
    `forbid(${scope}, action, resource) when { ${condition} } unless { action in Action::"open" };`,
  );
}

function forbid(zh: string, en: string, policy: string): string {
  return `${words({ zh, en })}\n${policy}`;
}

/** The two texts of a policy, as annotations, so that a decision can say why in the reader's language. */
function words(text: Text): string {
  return `@zh(${quoted(text.zh)})\n@en(${quoted(text.en)})`;
}
