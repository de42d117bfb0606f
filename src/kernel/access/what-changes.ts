import type { PostRef } from "../system/act.ts";
import type { Access, Possibility } from "./access.ts";
import type { Action } from "./action.ts";

/** What a change of policies does to one action at one post. */
export interface ActionChange {
  readonly post: PostRef;
  readonly action: Action;
  /** `gained`: it could not, now it may; `lost`: it could, now never; `narrower`, `wider`: other conditions than before. */
  readonly how: "gained" | "lost" | "narrower" | "wider" | "otherwise";
  /** Policies that speak now and did not before, or the other way round. */
  readonly policies: readonly string[];
}

/** What would change for all these posts × all actions, conditions on anything but the post taken as possibly true. */
export function whatChanges(options: {
  readonly before: Access;
  readonly after: Access;
  readonly posts: readonly PostRef[];
}): readonly ActionChange[] {
  const { before, after } = options;
  return options.posts.flatMap((post) => {
    const was = new Map(before.whatMay(post).map((found) => [found.action.id, found]));
    const is = new Map(after.whatMay(post).map((found) => [found.action.id, found]));
    return after.actions.flatMap((action): ActionChange[] => {
      const change = compare(was.get(action.id), is.get(action.id));
      return change ? [{ post, action, ...change }] : [];
    });
  });
}

function compare(was: Possibility | undefined, is: Possibility | undefined) {
  if (!was) return is && { how: "gained" as const, policies: is.permits };
  if (!is) return { how: "lost" as const, policies: was.permits };
  const permits = { more: without(is.permits, was.permits), fewer: without(was.permits, is.permits) };
  const forbids = { more: without(is.mayForbid, was.mayForbid), fewer: without(was.mayForbid, is.mayForbid) };
  const policies = [...permits.more, ...permits.fewer, ...forbids.more, ...forbids.fewer];
  if (policies.length === 0) return undefined;
  const wider = permits.more.length + forbids.fewer.length > 0;
  const narrower = permits.fewer.length + forbids.more.length > 0;
  return {
    how: wider && narrower ? ("otherwise" as const) : wider ? ("wider" as const) : ("narrower" as const),
    policies,
  };
}

function without(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.filter((one) => !others.includes(one));
}
