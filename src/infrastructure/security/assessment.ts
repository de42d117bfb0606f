import type { Access } from "#kernel/access/access";
import type { LiveAccess } from "#kernel/access/live-access";
import { type SeparationConflict, separationConflicts } from "#kernel/access/separation";
import { type ActionChange, whatChanges } from "#kernel/access/what-changes";
import { assert } from "#kernel/errors/fault";
import type { PostRef } from "#kernel/system/act";
import { type Change, inForceAt } from "./change.ts";
import { type House, policiesOf, reachOf } from "./reach.ts";
import { houseRules, ruleOf } from "./separation-rules.ts";

/** What a change would do if it took effect, on top of all that is approved. */
export interface Assessment {
  readonly changes: readonly ActionChange[];
  /** What would break a rule that it does not break without the change, now or when a later approved change takes effect. */
  readonly conflicts: readonly SeparationConflict[];
  /** The name of an authority in which nobody could propose, or nobody approve, any more. */
  readonly lockedOut: PostRef["authorityName"] | undefined;
}

/** What a change brings and ends, before it has a decision. */
export type Candidate = Pick<Change, "number" | "level" | "authority" | "content" | "ends">;

export interface AssessmentGround {
  readonly access: LiveAccess;
  readonly house: House;
  readonly approved: readonly Change[];
  /** The posts that the change can reach. */
  readonly posts: readonly PostRef[];
}

/** @param fromMs when it would take effect */
export function assess(ground: AssessmentGround, candidate: Candidate, fromMs: number): Assessment {
  const taken = asApproved(candidate, fromMs);
  const others = ground.approved.filter(({ number }) => number !== candidate.number);
  const states = instantsFrom(others, fromMs).map((atMs) => ({
    before: stateAt(ground, others, atMs),
    after: stateAt(ground, [...others, taken], atMs),
  }));
  const [first] = states;
  assert(first, "there is an instant from which it is in force");
  const [before, after] = [first.before.access, first.after.access];
  return {
    changes: whatChanges({ before, after, posts: ground.posts }),
    conflicts: states.flatMap((state) => newConflicts(ground, state)),
    lockedOut: lockedOut(ground.posts, before, after),
  };
}

/** Rules that a post's duties break, by what is in force now or will be. */
export function conflictsOfPost(
  ground: Omit<AssessmentGround, "posts">,
  post: PostRef,
  nowMs: number,
): readonly SeparationConflict[] {
  return instantsFrom(ground.approved, nowMs).flatMap((atMs) =>
    conflictsIn({ ...ground, posts: [post] }, stateAt(ground, ground.approved, atMs)),
  );
}

function asApproved(candidate: Candidate, fromMs: number): Change {
  const at = new Date(fromMs).toISOString();
  return {
    ...candidate,
    digest: "",
    reason: "",
    effectiveAt: undefined,
    proposedBy: "",
    proposedPost: "",
    proposedAt: at,
    decision: "approved",
    decidedBy: undefined,
    decidedAt: at,
    decisionReason: undefined,
    inForceFrom: at,
    withdrawnBy: undefined,
    withdrawnAt: undefined,
    withdrawalReason: undefined,
  };
}

/** An instant, and each later one at which something approved takes effect. */
function instantsFrom(changes: readonly Change[], fromMs: number): readonly number[] {
  const later = changes.map(({ inForceFrom }) => Date.parse(inForceFrom ?? "")).filter((ms) => ms > fromMs);
  return [...new Set([fromMs, ...later])].sort((one, other) => one - other);
}

interface State {
  readonly inForce: readonly Change[];
  /** Each post is asked about several times: what it may do is found once. */
  readonly access: Access;
}

function stateAt(
  { access, house }: Pick<AssessmentGround, "access" | "house">,
  changes: readonly Change[],
  atMs: number,
): State {
  const inForce = inForceAt(changes, atMs);
  const changed = access.with(policiesOf(house, inForce));
  const known = new Map<PostRef, ReturnType<Access["whatMay"]>>();
  const whatMay: Access["whatMay"] = (post) => {
    const found = known.get(post) ?? changed.whatMay(post);
    known.set(post, found);
    return found;
  };
  return {
    inForce,
    access: {
      actions: changed.actions,
      decide: (request) => changed.decide(request),
      decideRows: (request, columns) => changed.decideRows(request, columns),
      whoCan: (action) => changed.whoCan(action),
      whatCan: (post) => changed.whatCan(post),
      with: (policies) => changed.with(policies),
      policySet: () => changed.policySet(),
      whatMay,
    },
  };
}

function conflictsIn(ground: Pick<AssessmentGround, "house" | "posts">, { inForce, access }: State) {
  const { house, posts } = ground;
  const own = inForce.flatMap((change) => {
    const rule = ruleOf(change);
    return rule ? [{ rule, reach: new Set(reachOf(house, change)) }] : [];
  });
  return [
    ...separationConflicts({ access, posts, rules: houseRules(access.actions) }),
    ...own.flatMap(({ rule, reach }) =>
      separationConflicts({ access, posts: posts.filter(({ authority }) => reach.has(authority)), rules: [rule] }),
    ),
  ];
}

/** What was broken before is for whoever set the posts up; it must not keep a change from being made that mends it. */
function newConflicts(
  ground: AssessmentGround,
  { before, after }: { readonly before: State; readonly after: State },
): readonly SeparationConflict[] {
  const keyOf = ({ rule, post }: SeparationConflict) => `${rule.id} ${post.id}`;
  const known = new Set(conflictsIn(ground, before).map(keyOf));
  return conflictsIn(ground, after).filter((conflict) => !known.has(keyOf(conflict)));
}

const MUST_STAY = ["security.proposePolicy", "security.decideChange"] as const;

function lockedOut(posts: readonly PostRef[], before: Access, after: Access) {
  for (const [, own] of Map.groupBy(posts, ({ authority }) => authority)) {
    for (const action of MUST_STAY) {
      const can = (access: Access) =>
        own.some((post) => access.whatMay(post).some((found) => found.action.id === action));
      if (can(before) && !can(after)) return own[0]?.authorityName;
    }
  }
  return undefined;
}
