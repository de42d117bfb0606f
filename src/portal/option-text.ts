import type { Schema } from "#kernel/contract/contract";
import { fieldMeta } from "#kernel/contract/field";
import type { Language } from "#lib/language/text";

/** What a contract calls a value of an enumeration; the value itself where it has no name. */
export function optionText(schema: Schema, value: string, language: Language): string {
  return fieldMeta(schema)?.options?.[value]?.[language] ?? value;
}
