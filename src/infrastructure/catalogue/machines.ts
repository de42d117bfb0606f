import { COORDINATE, GOVERN, REQUEST, STEWARD } from "./terms.ts";

/** What can be open between two authorities. */
export const KINDS = ["request", "grant", "correction", "dispute"] as const;
export type Kind = (typeof KINDS)[number];

/** For whom someone acts in a matter. `node`: what follows by itself. */
export type Side = "consumer" | "provider" | "coordinator" | "government" | "node";

/** What an official's post must hold to act for a side. */
export const SIDE_DUTIES: Readonly<Record<Exclude<Side, "node">, string>> = {
  consumer: REQUEST,
  provider: STEWARD,
  coordinator: COORDINATE,
  government: GOVERN,
};

export interface StepRule {
  /** From which state to which; absent for a step that begins the matter. */
  readonly moves: Readonly<Record<string, string>>;
  readonly sides: readonly Side[];
  /** At most once in a matter. */
  readonly once?: true;
  /** Only while this step stands unanswered by one of `answers`. */
  readonly after?: string;
  /** Of steps that answer the one before: a later `after` can be answered again. */
  readonly answers?: true;
  /** Not by the official who last took this step. */
  readonly notBy?: string;
  /** Not by the side that last took this step. */
  readonly otherSideThan?: string;
  /** By the side alone that took this step. */
  readonly sameSideAs?: string;
  readonly pauses?: true;
  readonly resumes?: true;
}

export interface Machine {
  readonly first: { readonly step: string; readonly state: string; readonly sides: readonly Side[] };
  /** States that nothing leaves but what `reopen` names. */
  readonly final: readonly string[];
  readonly steps: Readonly<Record<string, StepRule>>;
}

const stays = (...states: readonly string[]) => Object.fromEntries(states.map((state) => [state, state]));
const all = (states: readonly string[], to: string) => Object.fromEntries(states.map((state) => [state, to]));

const GRANT_OPEN = ["active", "suspended", "ending", "ending-suspended", "answered", "answered-suspended"] as const;
const DISPUTE_OPEN = ["negotiating", "coordinating", "coordinated", "half-accepted", "before-government"] as const;
const PARTIES: readonly Side[] = ["consumer", "provider"];

/** The course of each kind of matter: who may take which step where, and where it leads. */
export const MACHINES = {
  request: {
    first: { step: "submit", state: "submitted", sides: ["consumer"] },
    final: ["consented", "refused", "withdrawn"],
    steps: {
      // One list of what is missing, once.
      "ask-completion": { moves: { submitted: "incomplete" }, sides: ["provider"], once: true, pauses: true },
      complete: { moves: { incomplete: "submitted" }, sides: ["consumer"], resumes: true },
      "ask-extension": { moves: stays("submitted"), sides: ["provider"], once: true },
      "grant-extension": { moves: stays("submitted"), sides: ["coordinator"], after: "ask-extension", answers: true },
      "decline-extension": { moves: stays("submitted"), sides: ["coordinator"], after: "ask-extension", answers: true },
      consent: { moves: { submitted: "consented" }, sides: ["provider"] },
      refuse: { moves: { submitted: "refused" }, sides: ["provider"] },
      withdraw: { moves: all(["submitted", "incomplete"], "withdrawn"), sides: ["consumer"] },
      // A dispute over the refusal ended in the requester's favour.
      reopen: { moves: { refused: "submitted" }, sides: ["node"] },
    },
  },
  grant: {
    first: { step: "open", state: "active", sides: ["provider"] },
    final: ["ended", "expired"],
    steps: {
      // By the consumer, or by itself at the first use.
      "confirm-flow": { moves: stays(...GRANT_OPEN), sides: ["consumer", "node"], once: true },
      suspend: {
        moves: { active: "suspended", ending: "ending-suspended", answered: "answered-suspended" },
        sides: ["provider"],
      },
      resume: {
        moves: { suspended: "active", "ending-suspended": "ending", "answered-suspended": "answered" },
        sides: ["provider"],
        notBy: "suspend",
      },
      "propose-end": { moves: { active: "ending", suspended: "ending-suspended" }, sides: ["provider"] },
      "answer-end": {
        moves: { ending: "answered", "ending-suspended": "answered-suspended" },
        sides: ["consumer"],
      },
      "file-end": { moves: all(["answered", "answered-suspended"], "ended"), sides: ["provider"] },
      // The consumer was silent until the negotiation's last day.
      "file-end-unanswered": { moves: all(["ending", "ending-suspended"], "ended"), sides: ["provider"] },
      keep: {
        moves: {
          ending: "active",
          answered: "active",
          "ending-suspended": "suspended",
          "answered-suspended": "suspended",
        },
        sides: ["provider"],
      },
      "give-up": { moves: all(GRANT_OPEN, "ended"), sides: ["consumer"] },
      expire: { moves: all(GRANT_OPEN, "expired"), sides: ["node"] },
    },
  },
  correction: {
    first: { step: "file", state: "filed", sides: ["consumer"] },
    final: ["corrected", "upheld", "withdrawn"],
    steps: {
      correct: { moves: { filed: "corrected" }, sides: ["provider"] },
      uphold: { moves: { filed: "upheld" }, sides: ["provider"] },
      withdraw: { moves: { filed: "withdrawn" }, sides: ["consumer"] },
    },
  },
  dispute: {
    first: { step: "raise", state: "negotiating", sides: PARTIES },
    final: ["settled", "decided", "withdrawn"],
    steps: {
      "offer-settlement": { moves: stays("negotiating"), sides: PARTIES },
      "accept-settlement": {
        moves: { negotiating: "settled" },
        sides: PARTIES,
        after: "offer-settlement",
        otherSideThan: "offer-settlement",
      },
      refer: { moves: { negotiating: "coordinating" }, sides: PARTIES },
      coordinate: { moves: { coordinating: "coordinated" }, sides: ["coordinator"] },
      // It settles the dispute when both have accepted; who has not may go on to the government.
      "accept-coordination": { moves: { coordinated: "half-accepted" }, sides: PARTIES },
      "join-acceptance": {
        moves: { "half-accepted": "settled" },
        sides: PARTIES,
        otherSideThan: "accept-coordination",
      },
      appeal: {
        moves: all(["coordinated", "half-accepted"], "before-government"),
        sides: PARTIES,
        otherSideThan: "accept-coordination",
      },
      // The coordinator was silent until his last day.
      "appeal-silence": { moves: { coordinating: "before-government" }, sides: PARTIES },
      decide: { moves: { "before-government": "decided" }, sides: ["government"] },
      withdraw: { moves: all(DISPUTE_OPEN, "withdrawn"), sides: PARTIES, sameSideAs: "raise" },
    },
  },
} as const satisfies Record<Kind, Machine>;

/** States in which a grant lets its holder call. */
export const GRANT_IN_FORCE: readonly string[] = ["active", "ending", "answered"];

export type StepOf<K extends Kind> = keyof (typeof MACHINES)[K]["steps"] & string;

/** A step that was taken. */
export interface Taken {
  readonly step: string;
  readonly side: Side;
  readonly official: string | null;
}

export type Objection =
  /** Not in this state, not any more, or not yet. */
  | "not-now"
  /** Another did a part that bars him, or it is the other side's turn. */
  | "barred";

/**
 * Where a step leads, or why it may not be taken. Pure.
 * @param taken all steps of the matter so far, in order
 */
export function advance(
  kind: Kind,
  at: {
    readonly state: string;
    readonly taken: readonly Taken[];
    /** Steps of other matters that came from the same request. */
    readonly related?: readonly Pick<Taken, "side" | "official">[];
  },
  next: Taken,
): { readonly state: string } | { readonly objection: Objection } {
  const steps: Readonly<Record<string, StepRule>> = MACHINES[kind].steps;
  const rule = Object.hasOwn(steps, next.step) ? steps[next.step] : undefined;
  const state = rule && Object.hasOwn(rule.moves, at.state) ? rule.moves[at.state] : undefined;
  if (rule === undefined || state === undefined || !rule.sides.includes(next.side)) return { objection: "not-now" };
  if (rule.once && at.taken.some(({ step }) => step === next.step)) return { objection: "not-now" };
  if (rule.after !== undefined && !isOpen(steps, at.taken, rule.after)) return { objection: "not-now" };
  if (isOnOtherSide([...at.taken, ...(at.related ?? [])], next) || isBarred(rule, at.taken, next))
    return { objection: "barred" };
  return { state };
}

/** Whether a step was taken and nothing has answered it since. */
function isOpen(steps: Readonly<Record<string, StepRule>>, taken: readonly Taken[], asked: string): boolean {
  const last = taken.findLast(({ step }) => step === asked || (steps[step]?.answers && steps[step].after === asked));
  return last?.step === asked;
}

/** Who acted for one side of what came from a request acts for no other. */
export function isOnOtherSide(
  done: readonly Pick<Taken, "side" | "official">[],
  { official, side }: Pick<Taken, "side" | "official">,
): boolean {
  return official !== null && done.some((one) => one.official === official && one.side !== side);
}

/** Some steps are a second official's, the other side's, or the same side's alone. */
function isBarred(rule: StepRule, taken: readonly Taken[], { official, side }: Taken): boolean {
  const last = (step: string | undefined) =>
    step === undefined ? undefined : taken.findLast((one) => one.step === step);
  if (official !== null && last(rule.notBy)?.official === official) return true;
  if (rule.sameSideAs !== undefined && last(rule.sameSideAs)?.side !== side) return true;
  return last(rule.otherSideThan)?.side === side;
}
