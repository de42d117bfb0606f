import { normaliseName } from "./name.ts";

/** Tokens of one name at most; what is longer is found by its beginning. */
export const NAME_TOKENS_MAX = 64;
const RUN = /[\p{Script=Han}〇]+|[\p{L}\p{N}]+/gu;
/** Most names: a few characters of the first block, which no normalisation changes. */
const PLAIN_NAME = /^[\u4e00-\u9fff]{1,8}$/;
const HAN_RUN = /^[\p{Script=Han}〇]/u;

/**
 * The tokens under which a name is found, for `array_to_tsvector`: bigrams of each Chinese run, its first character alone,
 * other words whole and in small letters. Characters are code points, so that the extension planes count as one.
 */
export function nameTokens(name: string): string[] {
  if (PLAIN_NAME.test(name)) return plainTokens(name);
  const tokens = new Set<string>();
  for (const run of runsOf(name)) {
    if (!HAN_RUN.test(run)) {
      tokens.add(run);
      continue;
    }
    const characters = [...run];
    if (characters[0] !== undefined) tokens.add(characters[0]);
    for (const pair of bigrams(characters)) tokens.add(pair);
  }
  return [...tokens].slice(0, NAME_TOKENS_MAX);
}

function plainTokens(name: string): string[] {
  const tokens = [name.charAt(0)];
  for (let at = 1; at < name.length; at++) {
    const pair = name.slice(at - 1, at + 1);
    if (!tokens.includes(pair)) tokens.push(pair);
  }
  return tokens;
}

/** The tokens that a name must all have to be found by this input: bigrams, or the one character that was typed. */
export function nameQueryTokens(input: string): string[] {
  const tokens = new Set<string>();
  for (const run of runsOf(input)) {
    const characters = [...run];
    if (!HAN_RUN.test(run) || characters.length === 1) tokens.add(run);
    else for (const pair of bigrams(characters)) tokens.add(pair);
  }
  return [...tokens].slice(0, NAME_TOKENS_MAX);
}

function runsOf(name: string): readonly string[] {
  return normaliseName(name).normalize("NFKC").toLowerCase().match(RUN) ?? [];
}

function bigrams(characters: readonly string[]): string[] {
  return characters.slice(1).map((character, at) => `${characters[at]}${character}`);
}
