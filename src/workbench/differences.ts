import type { Service } from "#kernel/contract/contract";
import { fieldMeta } from "#kernel/contract/field";
import type { Application } from "#kernel/services/application";
import { fill, type Language, type Text, text } from "#lib/language/text";
import type { Difference } from "#ui/components/decision/decision";

const BOTH = text("{asked}（{known}）", "{asked} ({known})");

/** An answer that a register states too, and states differently. */
export interface Differing {
  readonly field: string;
  readonly label: Text;
  readonly stated: Text;
  readonly registered: string;
}

interface Compared {
  readonly application: Pick<Application, "form" | "facts">;
  readonly service: Pick<Service, "form" | "facts">;
}

/** Every fact that the form asks for as well, under its own name or under the one that the contract says, where the two differ. */
export function differing({ application, service }: Compared): readonly Differing[] {
  return application.facts.flatMap((fact): Differing[] => {
    const declared = service.facts[fact.id];
    const field = declared?.alsoAsked ?? fact.id;
    const asked = Object.hasOwn(service.form.shape, field) ? fieldMeta(service.form.shape[field] as never) : undefined;
    if (!asked) return [];
    const stated = words(application.form[field], asked.options);
    const values = [stated.zh, stated.en, String(application.form[field] ?? "")].map(compared);
    if (values[0] === "" || fact.value === "" || values.includes(compared(fact.value))) return [];
    const { title } = asked;
    const label = declared ? fillBoth(BOTH, { asked: title, known: declared.title }) : title;
    return [{ field, label, stated, registered: fact.value }];
  });
}

/** The same, as a decision shows it. */
export function differencesOf(about: Compared, language: Language): readonly Difference[] {
  return differing(about).map(({ label, stated, registered }) => ({
    label: label[language],
    stated: stated[language],
    registered,
  }));
}

/** What was answered, in the words of its options. */
function words(value: unknown, options: Readonly<Record<string, Text>> | undefined): Text {
  const values = (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && one !== null);
  const said = (language: Language) => values.map((one) => options?.[String(one)]?.[language] ?? String(one));
  return text(said("zh").join("、"), said("en").join(", "));
}

function fillBoth(template: Text, values: Readonly<Record<string, Text>>): Text {
  const of = (language: Language) =>
    fill(template, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value[language]])))[
      language
    ];
  return text(of("zh"), of("en"));
}

/** Widths of letters, spaces and punctuation make no difference. */
function compared(value: string): string {
  return value
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s\p{P}]/gu, "");
}
