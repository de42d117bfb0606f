import { catalogue } from "#infrastructure/catalogue";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { type Language, text } from "#lib/language/text";
import type { FieldChoice } from "#ui/form/descriptor";

const FIELDS = formDescriptors(catalogue.operations.requestData.input.shape.content);
const ATTRIBUTES = text("信息项", "Attributes");
const SUBJECT = text("所涉对象", "About whom");
const SEPARATOR = { zh: "、", en: ", " } as const;
const PROMISED = text("已承诺", "Promised");

/** What a matter says, as rows of a summary: the words of the request's own form, where it has them. */
export function contentRows(content: unknown, attributes: readonly FieldChoice[], language: Language) {
  const given = (typeof content === "object" && content !== null ? content : {}) as Readonly<Record<string, unknown>>;
  const row = (title: { zh: string; en: string }, value: string) => ({
    key: { text: title[language] },
    value: { text: value },
  });
  const fields = FIELDS.flatMap((field) => {
    const value = given[field.name];
    if (value === undefined) return [];
    if (field.name === "attributes")
      return [row(ATTRIBUTES, attributes.map(({ title }) => title[language]).join(SEPARATOR[language]))];
    if (field.name === "noOnwardUse") return [row(field.title, PROMISED[language])];
    const options = new Map(field.options?.map((option) => [option.value, option.title[language]]));
    return [row(field.title, listed(value, SEPARATOR[language], options))];
  });
  const { subject } = given as { readonly subject?: { readonly kind: string; readonly id: string } };
  return subject ? [...fields, row(SUBJECT, `${subject.kind} ${subject.id}`)] : fields;
}

function listed(value: unknown, separator: string, words: ReadonlyMap<string, string>): string {
  const all = Array.isArray(value) ? value : [value];
  return all.map((one) => words.get(String(one)) ?? String(one)).join(separator);
}
