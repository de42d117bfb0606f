import type { Text } from "#lib/language/text";
import type { PostRef } from "../system/act.ts";
import type { Access } from "./access.ts";
import type { Action } from "./action.ts";

/** Two kinds of work that no post may do both of. Each side lists duties and ids of actions. */
export interface SeparationRule {
  readonly id: string;
  readonly words: Text;
  readonly one: readonly string[];
  readonly other: readonly string[];
}

/** What a post may do that a rule keeps apart, and the policies that would let it. */
export interface SeparationConflict {
  readonly rule: SeparationRule;
  readonly post: PostRef;
  readonly one: SideOfPost;
  readonly other: SideOfPost;
}

export interface SideOfPost {
  /** An action's id, or a duty that the post holds. */
  readonly work: string;
  readonly policies: readonly string[];
}

/**
 * What a rule's side stands for: its actions, and the commands that are granted to its duties alone. What holders of another duty may
 * do as well is not the work that the rule keeps apart.
 */
function actionsOfSide(side: readonly string[], actions: readonly Action[]): ReadonlySet<string> {
  const named = new Set(side);
  const isOfSide = ({ id, kind, grants }: Action) => {
    const duties = grants.flatMap(({ duty }) => (duty === undefined ? [] : [duty]));
    return named.has(id) || (kind === "command" && duties.length > 0 && duties.every((duty) => named.has(duty)));
  };
  return new Set(actions.filter(isOfSide).map(({ id }) => id));
}

/** Whether this is a duty that some action asks for, or the id of an action. */
export function isWork(name: string, actions: readonly Action[]): boolean {
  return actions.some(({ id, grants }) => id === name || grants.some(({ duty }) => duty === name));
}

/**
 * Which posts could do what rules keep apart: all posts × actions, every condition on anything but the post taken as possibly true. A
 * duty that a post holds counts as the work even where something forbids it now.
 */
export function separationConflicts(options: {
  readonly access: Access;
  readonly posts: readonly PostRef[];
  readonly rules: readonly SeparationRule[];
}): readonly SeparationConflict[] {
  const { access, posts } = options;
  const rules = options.rules.map((rule) => {
    const one = actionsOfSide(rule.one, access.actions);
    const other = actionsOfSide(rule.other, access.actions);
    return { rule, one: one.difference(other), other: other.difference(one) };
  });
  return posts.flatMap((post) => {
    const may = new Map(access.whatMay(post).map(({ action, permits }) => [action.id, permits]));
    return rules.flatMap(({ rule, one, other }): SeparationConflict[] => {
      const first = sideOf({ post, may, side: rule.one, actions: one });
      const second = first && sideOf({ post, may, side: rule.other, actions: other });
      return first && second ? [{ rule, post, one: first, other: second }] : [];
    });
  });
}

function sideOf(of: {
  readonly post: PostRef;
  readonly may: ReadonlyMap<string, readonly string[]>;
  readonly side: readonly string[];
  readonly actions: ReadonlySet<string>;
}): SideOfPost | undefined {
  for (const action of of.actions) {
    const policies = of.may.get(action);
    if (policies) return { work: action, policies };
  }
  const held = of.side.find((duty) => of.post.duties.includes(duty));
  return held === undefined ? undefined : { work: held, policies: [] };
}
