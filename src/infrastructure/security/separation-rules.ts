import type { Action } from "#kernel/access/action";
import { AUDIT_DUTY } from "#kernel/access/action";
import type { SeparationRule } from "#kernel/access/separation";
import { text } from "#lib/language/text";
import type { Change } from "./change.ts";
import { APPROVE, PROPOSE } from "./contract.ts";

/**
 * What no authority can lift. GB/T 22239-2019 §8.1.5 (level 3) has three administrations, of the system, of security and of audit, with
 * different people in each; §8.1.4.2 has the least privilege that each needs, kept apart.
 */
export function houseRules(actions: readonly Action[]): readonly SeparationRule[] {
  return [
    {
      id: "rule.propose-approve",
      words: text(
        "提出权限变更的岗位，不得审批权限变更。",
        "A post that proposes changes of rights does not approve them.",
      ),
      one: [PROPOSE],
      other: [APPROVE],
    },
    {
      id: "rule.directory-security",
      words: text(
        "设置岗位职责的岗位（系统管理），不得提出或审批权限变更（安全管理）。",
        "A post that gives posts their duties (running the system) neither proposes nor approves changes of rights (security).",
      ),
      one: ["directory.administer"],
      other: [PROPOSE, APPROVE],
    },
    {
      id: "rule.auditor",
      words: text(
        "审计岗位不得兼办任何业务，包括登记簿的维护。",
        "An auditor's post does no other work, the keeping of registers included.",
      ),
      one: [AUDIT_DUTY],
      other: commandDuties(actions),
    },
    {
      // The procedure itself bars the same person from both in one case; a post should not even be able to.
      id: "rule.examine-decide",
      words: text(
        "审查、核查的岗位，不得作出许可决定。",
        "A post that examines or inspects does not decide on the licence.",
      ),
      one: ["licensing.examine", "licensing.inspect"],
      other: ["licensing.decide"],
    },
    {
      // 行政许可法 §48(3): the hearing is presided over by someone who did not examine the application.
      id: "rule.examine-hear",
      words: text(
        "审查、核查的岗位，不得主持听证。",
        "A post that examines or inspects does not preside over the hearing.",
      ),
      one: ["licensing.examine", "licensing.inspect"],
      other: ["licensing.hear"],
    },
  ];
}

/** Every duty by which something is changed. */
function commandDuties(actions: readonly Action[]): readonly string[] {
  const duties = actions.flatMap(({ kind, grants }) => (kind === "command" ? grants.map(({ duty }) => duty) : []));
  return [...new Set(duties.filter((duty) => duty !== undefined && duty !== AUDIT_DUTY))] as readonly string[];
}

/** The rule that a change brought. */
export function ruleOf({ number, content }: Change): SeparationRule | undefined {
  if (content.kind !== "separation") return undefined;
  const { words, one, other } = content;
  return { id: `rule.${number}`, words, one, other };
}
