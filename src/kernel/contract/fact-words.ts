import type { Language } from "#lib/language/text";
import type { FactDeclaration } from "./contract.ts";

/** What a fact says, to its reader: names and numbers as they are, words of a register in the reader's language. */
export function factWords(declared: Pick<FactDeclaration, "terms">, value: string, language: Language): string {
  return declared.terms?.find(({ zh }) => zh === value)?.[language] ?? value;
}
