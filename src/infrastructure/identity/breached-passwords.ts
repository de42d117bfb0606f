/** Passwords that guessers try first: 49,000 that were found in breaches, the most frequent first, from a list that is kept for this. */

/** Loaded when somebody first chooses a password, and kept: some megabytes that a node without such a choice does not need. */
let known: Promise<ReadonlySet<string>> | undefined;

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"] as readonly string[]);
}

/**
 * Whether a password is one that others had, or such a one with digits and signs around it, or twice: `football2024!`.
 * @param folded NFKC, lower case
 */
export async function isBreachedPassword(folded: string): Promise<boolean> {
  known ??= load();
  const common = await known;
  const half = folded.slice(0, folded.length / 2);
  const core = folded.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  return common.has(folded) || (core !== "" && common.has(core)) || (half + half === folded && common.has(half));
}
