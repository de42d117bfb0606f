/**
 * The life of a key: the states of NIST SP 800-57 part 1 (revision 5), section 7, and what each of them allows.
 *
 *     pre-active ──► active ──► deactivated ──► destroyed
 *         │         ▲  │  ▲▼         │             ▲
 *         │         └ suspended ─────┤             │
 *         └────────────┴──► compromised ───────────┘
 *
 * Stricter than the recommendation in one thing: a key that protects, or is suspended from it, is never destroyed at once.
 */

export const KEY_STATES = ["pre-active", "active", "suspended", "deactivated", "compromised", "destroyed"] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** `protect`: seal, sign. `process`: open, verify what was protected before. */
export type KeyUse = "protect" | "process";

const NEXT: Readonly<Record<KeyState, readonly KeyState[]>> = Object.freeze({
  "pre-active": ["active", "compromised", "destroyed"],
  active: ["suspended", "deactivated", "compromised"],
  suspended: ["active", "deactivated", "compromised"],
  deactivated: ["compromised", "destroyed"],
  compromised: ["destroyed"],
  destroyed: [],
});

const USES: Readonly<Record<KeyState, readonly KeyUse[]>> = Object.freeze({
  "pre-active": [],
  active: ["protect", "process"],
  suspended: ["process"],
  deactivated: ["process"],
  // What it protected is processed with suspicion, and moved to another key.
  compromised: ["process"],
  destroyed: [],
});

export function mayBecome(from: KeyState, to: KeyState): boolean {
  return NEXT[from].includes(to);
}

export function mayBeUsed(state: KeyState, use: KeyUse): boolean {
  return USES[state].includes(use);
}

/** Which states a key can come to from this one, this one among them. */
export function reachableFrom(state: KeyState): ReadonlySet<KeyState> {
  const seen = new Set<KeyState>([state]);
  for (const each of seen) for (const next of NEXT[each]) seen.add(next);
  return seen;
}
