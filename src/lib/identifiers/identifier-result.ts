import type { Text } from "#lib/language/text";

/** What a check found. A warning does not stop anyone: real numbers are known to fail that rule. */
export type IdentifierResult<Value, Code extends string = string> =
  | { readonly status: "ok"; readonly value: Value }
  | { readonly status: "warning"; readonly value: Value; readonly warnings: readonly Text[] }
  | { readonly status: "error"; readonly code: Code; readonly error: Text };

/** No number of this folder is longer, even written with spaces and hyphens. */
export const IDENTIFIER_INPUT_LENGTH_MAX = 64;

const PLAIN = /^[0-9A-Z]+$/;

/** Full-width to half-width, capitals, without the spaces, dots and hyphens that people put between groups. */
export function normaliseIdentifier(input: string): string {
  if (input.length > IDENTIFIER_INPUT_LENGTH_MAX) return input.slice(0, IDENTIFIER_INPUT_LENGTH_MAX + 1);
  if (PLAIN.test(input)) return input;
  return input
    .normalize("NFKC")
    .replace(/[\s\-‐-―·.]/gu, "")
    .toUpperCase();
}

export function accepted<Value, Code extends string>(
  value: Value,
  warnings: readonly Text[],
): IdentifierResult<Value, Code> {
  return warnings.length === 0 ? { status: "ok", value } : { status: "warning", value, warnings };
}

export function rejected<Code extends string>(
  code: Code,
  error: Text,
): { readonly status: "error"; readonly code: Code; readonly error: Text } {
  return { status: "error", code, error };
}
