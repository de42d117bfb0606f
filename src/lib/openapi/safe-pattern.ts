import { PATTERN_MAX_CHARACTERS, PATTERN_REPEATS_MAX } from "./limits.ts";

/**
 * Whether a regular expression of someone else can be run on texts of someone else: it is one, it looks neither back nor around,
 * nothing that repeats stands within something that repeats, and few things repeat without an end, so that a bounded text takes a
 * bounded time. Stricter than need be: what it refuses may be harmless.
 */
export function isSafePattern(pattern: string): boolean {
  if (pattern.length > PATTERN_MAX_CHARACTERS) return false;
  try {
    new RegExp(pattern, "u");
  } catch {
    return false;
  }
  return scan(pattern);
}

const LOOKING = /^\(\?(?:[=!]|<[=!])/;
const REPEAT = /^(?:[*+]|\{(\d+)(,(\d*))?\})/;
/** A repetition of at most so many times is written out, and no repetition in the sense of the rule. */
const WRITTEN_OUT_MAX = 20;

function scan(pattern: string): boolean {
  // For each open group, whether something in it repeats.
  const groups: boolean[] = [false];
  let lastRepeats = false;
  let endless = 0;
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    if (LOOKING.test(rest) || /^\\(?:[1-9]|k<)/.test(rest)) return false;
    const repeat = REPEAT.exec(rest);
    if (repeat) {
      const isEndless = repeat[0] === "*" || repeat[0] === "+" || (repeat[2] !== undefined && repeat[3] === "");
      const most = Number(repeat[3] || repeat[1] || 0);
      if (isEndless) endless += 1;
      const counts = isEndless || most > WRITTEN_OUT_MAX;
      // {m,n} of something that repeats is a repetition in a repetition, however small n is.
      if (lastRepeats && (counts || most > 1)) return false;
      if (endless > PATTERN_REPEATS_MAX) return false;
      if (counts) groups[groups.length - 1] = true;
      at += repeat[0].length;
      lastRepeats = false;
      continue;
    }
    const character = rest[0];
    if (character === "(") groups.push(false);
    if (character === ")") {
      lastRepeats = groups.pop() ?? false;
      if (lastRepeats) groups[groups.length - 1] = true;
      at += 1;
      continue;
    }
    lastRepeats = false;
    at += character === "\\" ? escapeLength(rest) : character === "[" ? classLength(rest) : 1;
  }
  return true;
}

function escapeLength(rest: string): number {
  return (
    /^\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|[\s\S])/.exec(rest)?.[0].length ??
    1
  );
}

function classLength(rest: string): number {
  return /^\[(?:\\[\s\S]|[^\]\\])*\]/.exec(rest)?.[0].length ?? 1;
}
