import type { LiveAccess } from "#kernel/access/live-access";
import { type SeparationConflict, separationConflicts } from "#kernel/access/separation";
import { type ActionChange, whatChanges } from "#kernel/access/what-changes";
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
  const before = stateAt(ground, others, fromMs);
  const after = stateAt(ground, [...others, taken], fromMs);
  return {
    changes: whatChanges({ before: before.access, after: after.access, posts: ground.posts }),
    conflicts: instantsFrom(others, fromMs).flatMap((atMs) => newConflicts(ground, { others, taken, atMs })),
    lockedOut: lockedOut(ground.posts, before.access, after.access),
  };
}

/** Rules that a post's duties break, by what is in force now or will be. */
export function conflictsOfPost(
  ground: Omit<AssessmentGround, "posts">,
  post: PostRef,
  nowMs: number,
): readonly SeparationConflict[] {
  return instantsFrom(ground.approved, nowMs).flatMap((atMs) =>
    conflictsAt({ ...ground, posts: [post] }, ground.approved, atMs),
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

function stateAt(
  { access, house }: Pick<AssessmentGround, "access" | "house">,
  changes: readonly Change[],
  atMs: number,
) {
  const inForce = inForceAt(changes, atMs);
  return { inForce, access: access.with(policiesOf(house, inForce)) };
}

function conflictsAt(ground: AssessmentGround, changes: readonly Change[], atMs: number) {
  const { house, posts } = ground;
  const { inForce, access } = stateAt(ground, changes, atMs);
  const own = inForce.flatMap((change) => {
    const rule = ruleOf(change);
    return rule ? [{ rule, reach: new Set(reachOf(house, change)) }] : [];
  });
  return posts.flatMap((post) => {
    const rules = [
      ...houseRules(access.actions),
      ...own.filter(({ reach }) => reach.has(post.authority)).map(({ rule }) => rule),
    ];
    return separationConflicts({ access, posts: [post], rules });
  });
}

/** What was broken before is for whoever set the posts up; it must not keep a change from being made that mends it. */
function newConflicts(
  ground: AssessmentGround,
  { others, taken, atMs }: { readonly others: readonly Change[]; readonly taken: Change; readonly atMs: number },
): readonly SeparationConflict[] {
  const keyOf = ({ rule, post }: SeparationConflict) => `${rule.id} ${post.id}`;
  const known = new Set(conflictsAt(ground, others, atMs).map(keyOf));
  return conflictsAt(ground, [...others, taken], atMs).filter((conflict) => !known.has(keyOf(conflict)));
}

const MUST_STAY = ["security.proposePolicy", "security.decideChange"] as const;

function lockedOut(posts: readonly PostRef[], before: LiveAccessLike, after: LiveAccessLike) {
  for (const [, own] of Map.groupBy(posts, ({ authority }) => authority)) {
    for (const action of MUST_STAY) {
      const can = (access: LiveAccessLike) =>
        own.some((post) => access.whatMay(post).some((found) => found.action.id === action));
      if (can(before) && !can(after)) return own[0]?.authorityName;
    }
  }
  return undefined;
}

type LiveAccessLike = Pick<LiveAccess, "whatMay">;
