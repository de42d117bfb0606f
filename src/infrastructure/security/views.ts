import { policyWords } from "#kernel/access/policy-terms";
import { text } from "#lib/language/text";
import type { Assessment } from "./assessment.ts";
import { type Change, inForceAt } from "./change.ts";
import { EFFECT_LINES_MAX } from "./contract.ts";

const UNSAID = text("（未说明）", "(not said)");

/** A change as others see it. */
export function changeView(change: Change, approved: readonly Change[], now: string) {
  const { content, proposedPost: _, decision: __, ...rest } = change;
  return { ...defined(rest), content: contentView(content), state: stateOf(change, approved, now) };
}

function contentView(content: Change["content"]) {
  if (content.kind !== "policy") {
    return content.kind === "end" ? content : { ...content, one: [...content.one], other: [...content.other] };
  }
  return { kind: content.kind, source: content.source, words: policyWords(content.json) ?? UNSAID };
}

function stateOf(change: Change, approved: readonly Change[], now: string) {
  if (change.withdrawnAt !== undefined) return "withdrawn" as const;
  if (change.decision === undefined) return "proposed" as const;
  if (change.decision === "rejected") return "rejected" as const;
  const nowMs = Date.parse(now);
  if (Date.parse(change.inForceFrom ?? "") > nowMs) return "approved" as const;
  if (change.content.kind === "end") return "in-force" as const;
  return inForceAt(approved, nowMs).some(({ number }) => number === change.number)
    ? ("in-force" as const)
    : ("ended" as const);
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}

/** What a change would do, in the words of the house. */
export function effectView(found: Pick<Assessment, "changes" | "conflicts">, fromMs: number) {
  return {
    from: new Date(fromMs).toISOString(),
    lines: found.changes.slice(0, EFFECT_LINES_MAX).map(({ post, action, how, policies }) => ({
      post: post.id,
      postTitle: post.title,
      authorityName: post.authorityName,
      action: action.id,
      actionTitle: action.title,
      how,
      policies: [...policies],
    })),
    more: Math.max(0, found.changes.length - EFFECT_LINES_MAX),
    conflicts: found.conflicts.slice(0, EFFECT_LINES_MAX).map(({ rule, post, one, other }) => ({
      rule: rule.id,
      words: rule.words,
      post: post.id,
      postTitle: post.title,
      authorityName: post.authorityName,
      one: one.work,
      other: other.work,
      policies: [...new Set([...one.policies, ...other.policies])],
    })),
  };
}
