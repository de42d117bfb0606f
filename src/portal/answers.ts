import type { Service } from "#kernel/contract/contract";
import { fieldMeta } from "#kernel/contract/field";
import type { Language } from "#lib/language/text";
import { text } from "#lib/language/text";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { type FormBody, parseForm } from "#ui/form/parse-form";

const EMPTY = text("没有填写", "Not answered");
const YES_NO = { true: text("是", "Yes"), false: text("否", "No") } as const;

/** What a field holds, in its reader's words. */
export function answerText(field: FieldDescriptor, value: unknown, language: Language): string {
  if (value === undefined || value === null || value === "") return EMPTY[language];
  if (typeof value === "boolean") return YES_NO[`${value}`][language];
  const called = (one: unknown) =>
    field.options?.find((option) => option.value === String(one))?.title[language] ?? String(one);
  return Array.isArray(value) ? value.map(called).join(language === "zh" ? "、" : ", ") : called(value);
}

/** One screen as it was sent: what to keep, whatever it is, and what is wrong with it. */
export interface ReadPart {
  /** Good values for the schema, others as typed; a field that was left empty is cleared. */
  readonly form: Readonly<Record<string, unknown>>;
  readonly values: FormValues;
  readonly errors: FormErrors;
}

/** Reads one screen of an item's form, and asks each field's own schema. */
export function readPart(service: Service, fields: readonly FieldDescriptor[], body: FormBody): ReadPart {
  const { input, values, errors: found } = parseForm(fields, body);
  const errors = { ...found };
  const form: Record<string, unknown> = {};
  for (const { name, title } of fields) {
    form[name] = input[name] ?? (values[name] || undefined);
    const schema = service.form.shape[name];
    if (errors[name] || input[name] === undefined || !schema) continue;
    if (!(schema as { safeParse(value: unknown): { success: boolean } }).safeParse(input[name]).success) {
      const called = fieldMeta(schema as never)?.title ?? title;
      errors[name] = text(`请检查${called.zh}`, `Check this: ${called.en}`);
    }
  }
  return { form, values, errors };
}
