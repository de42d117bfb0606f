import type { Service } from "#kernel/contract/contract";
import { factWords } from "#kernel/contract/fact-words";
import type { Fact } from "#kernel/system/context";
import type { Language, Text } from "#lib/language/text";
import type { Fact as FactShown } from "#ui/components/facts/facts";

export interface FactsAbout {
  readonly service: Service;
  readonly known: readonly Fact[];
  readonly language: Language;
  /** Where one says that a fact is wrong; its name is added. */
  readonly wrongHref?: string;
  /** The receipt of the question that brought it, by the register that was asked. */
  readonly receiptOf?: ((source: Text) => { readonly index: number; readonly href: string } | undefined) | undefined;
}

/** What government knows, each with its register and a way to say that it is wrong. What the contract does not name stays inside. */
export function factsShown({ service, known, language, wrongHref, receiptOf }: FactsAbout): readonly FactShown[] {
  return known.flatMap((fact): FactShown[] => {
    const declared = service.facts[fact.id];
    if (!declared || fact.value === "") return [];
    return [
      {
        label: declared.title[language],
        value: factWords(declared, fact.value, language),
        source: {
          kind: "register",
          register: declared.source[language],
          askedAt: Temporal.Instant.from(fact.asOf),
          wrongHref: wrongHref && `${wrongHref}/${fact.id}`,
          receipt: receiptOf?.(declared.source),
        },
      },
    ];
  });
}
