import { fill, type Text, text } from "#lib/language/text";
import {
  CHOICES_AT_MOST,
  controlName,
  DATE_PARTS,
  FIELD_LENGTH_AT_MOST,
  type FieldDescriptor,
  type FormErrors,
  type FormValues,
  NO,
  YES,
} from "#ui/form/descriptor";
import { PROBLEMS, WORDS } from "#ui/form/words";

/** What a browser sent: a name that comes several times has a list. */
export type FormBody = Readonly<Record<string, unknown>>;

export interface ParsedForm {
  /** For the schema: trimmed, dates as `2026-12-03`, numbers as numbers, money as decimal text; what was left empty is absent. */
  readonly input: Readonly<Record<string, unknown>>;
  /** What was typed, to be shown again. */
  readonly values: FormValues;
  readonly errors: FormErrors;
}

interface Reading {
  readonly value?: unknown;
  readonly error?: Text;
}

/**
 * Reads a posted form. Says what is wrong in its reader's words; what only the schema knows, the schema says after this.
 * Files are not in the body: they arrive apart.
 */
export function parseForm(fields: readonly FieldDescriptor[], body: FormBody, prefix?: string): ParsedForm {
  const input: Record<string, unknown> = {};
  const errors: Record<string, Text> = {};
  for (const field of fields) {
    if (field.readonly || field.kind === "file") continue;
    const reading = read(field, body, prefix);
    if (reading.error) errors[field.name] = reading.error;
    else if (reading.value !== undefined) input[field.name] = reading.value;
  }
  return { input, values: valuesOf(fields, body, prefix), errors };
}

function read(field: FieldDescriptor, body: FormBody, prefix: string | undefined): Reading {
  if (field.kind === "date") return readDate(field, body, prefix);
  const sent = list(body[controlName(field.name, prefix)]);
  if (field.kind === "checkboxes") return readChoices(field, sent);
  const typed = (sent[0] ?? "").trim().normalize("NFC");
  if (typed === "") return field.required ? { error: missing(field) } : {};
  const limit = Math.min(field.maxLength ?? FIELD_LENGTH_AT_MOST, FIELD_LENGTH_AT_MOST);
  const length = characterCount(typed);
  if (length > limit) return { error: problem(PROBLEMS.tooLong, field, { limit, length }) };
  return readText(field, typed);
}

function readText(field: FieldDescriptor, typed: string): Reading {
  switch (field.kind) {
    case "number":
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(typed)
        ? { value: Number(typed) }
        : { error: problem(PROBLEMS.notNumber, field) };
    case "money":
      return readMoney(field, typed);
    case "boolean":
      if (typed === YES || typed === NO) return { value: typed === YES };
      return { error: problem(PROBLEMS.unknownChoice, field) };
    case "radios":
    case "select":
      return isOffered(field, typed) ? { value: typed } : { error: problem(PROBLEMS.unknownChoice, field) };
    case "mobile": {
      const digits = typed.replace(/^\+?86[\s-]*/, "").replace(/[\s-]/g, "");
      return /^1\d{10}$/.test(digits) ? { value: digits } : { error: problem(PROBLEMS.notMobile, field) };
    }
    case "identity-number": {
      // The check digit is the schema's: where real numbers are known to fail it warns instead of refusing.
      const number = typed.replace(/\s/g, "").toUpperCase();
      return /^\d{17}[\dX]$/.test(number) ? { value: number } : { error: problem(PROBLEMS.notIdentity, field) };
    }
    default:
      return { value: typed.replace(/\r\n?/g, "\n") };
  }
}

function readMoney(field: FieldDescriptor, typed: string): Reading {
  const amount = typed.replace(/[\s,，\u202f]/g, "").replace(/^[¥￥]|元$/g, "");
  if (!/^\d{1,15}(\.\d{1,2})?$/.test(amount)) return { error: problem(PROBLEMS.notMoney, field) };
  return { value: amount };
}

function readChoices(field: FieldDescriptor, sent: readonly string[]): Reading {
  const chosen = [...new Set(sent.filter((value) => value !== ""))];
  if (chosen.length === 0) return field.required ? { error: missing(field) } : { value: [] };
  if (chosen.length > CHOICES_AT_MOST) return { error: problem(PROBLEMS.tooMany, field) };
  if (!chosen.every((value) => isOffered(field, value))) return { error: problem(PROBLEMS.unknownChoice, field) };
  return { value: chosen };
}

function readDate(field: FieldDescriptor, body: FormBody, prefix: string | undefined): Reading {
  const name = controlName(field.name, prefix);
  const parts = DATE_PARTS.map((part) => (list(body[`${name}-${part}`])[0] ?? "").trim());
  if (parts.every((part) => part === "")) return field.required ? { error: missing(field) } : {};
  const absent = DATE_PARTS.filter((_, index) => parts[index] === "").map((part) => WORDS[part]);
  if (absent.length > 0) {
    const said = text(absent.map((part) => part.zh).join("、"), absent.map((part) => part.en.toLowerCase()).join(", "));
    return { error: dateMissing(field, said) };
  }
  const [year, month, day] = parts as [string, string, string];
  const date = realDate(year, month, day);
  return date === undefined ? { error: problem(PROBLEMS.notDate, field) } : { value: date };
}

function dateMissing(field: FieldDescriptor, parts: Text): Text {
  return text(
    fill(PROBLEMS.dateMissing, { title: field.title.zh, parts: parts.zh }).zh,
    fill(PROBLEMS.dateMissing, { title: field.title.en, parts: parts.en }).en,
  );
}

function realDate(year: string, month: string, day: string): string | undefined {
  if (!/^\d{4}$/.test(year) || !/^\d{1,2}$/.test(month) || !/^\d{1,2}$/.test(day)) return undefined;
  try {
    const fields = { year: Number(year), month: Number(month), day: Number(day) };
    return Temporal.PlainDate.from(fields, { overflow: "reject" }).toString();
  } catch {
    return undefined;
  }
}

function isOffered(field: FieldDescriptor, value: string): boolean {
  return field.options?.some((choice) => choice.value === value) ?? false;
}

function missing(field: FieldDescriptor): Text {
  const isChoice =
    field.kind === "radios" || field.kind === "checkboxes" || field.kind === "select" || field.kind === "boolean";
  return problem(isChoice ? PROBLEMS.unchosen : PROBLEMS.missing, field);
}

function problem(words: Text, field: FieldDescriptor, values: Readonly<Record<string, number>> = {}): Text {
  return text(
    fill(words, { ...values, title: field.title.zh }).zh,
    fill(words, { ...values, title: field.title.en }).en,
  );
}

function valuesOf(fields: readonly FieldDescriptor[], body: FormBody, prefix: string | undefined): FormValues {
  const values: Record<string, string | readonly string[]> = {};
  const keep = (key: string, name: string, many: boolean) => {
    const sent = list(body[name]).slice(0, CHOICES_AT_MOST);
    if (sent.length > 0) values[key] = many ? sent : (sent[0] as string).slice(0, FIELD_LENGTH_AT_MOST);
  };
  for (const field of fields) {
    if (field.readonly || field.kind === "file") continue;
    const name = controlName(field.name, prefix);
    if (field.kind === "date") for (const part of DATE_PARTS) keep(`${field.name}-${part}`, `${name}-${part}`, false);
    else keep(field.name, name, field.kind === "checkboxes");
  }
  return values;
}

function list(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function characterCount(value: string): number {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}

/** What a schema found wrong, as zod reports it. */
export interface SchemaIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** A rule of ours puts its words here: `ctx.addIssue({ code: "custom", params: { text } })`. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** A schema's issues in the reader's words, each at its field; those without a field under "". */
export function schemaErrors(fields: readonly FieldDescriptor[], issues: readonly SchemaIssue[]): FormErrors {
  const errors: Record<string, Text> = {};
  for (const issue of issues) {
    const field = fields.find((candidate) => candidate.name === String(issue.path[0] ?? ""));
    const key = field?.name ?? "";
    errors[key] ??= issueText(issue, field);
  }
  return errors;
}

function issueText(issue: SchemaIssue, field: FieldDescriptor | undefined): Text {
  const own = issue.params?.["text"] as Partial<Text> | undefined;
  if (typeof own?.zh === "string" && typeof own.en === "string") return text(own.zh, own.en);
  const named = field ?? { title: text("表单", "the form") };
  const words =
    issue.code === "too_small" ? PROBLEMS.tooSmall : issue.code === "too_big" ? PROBLEMS.tooBig : PROBLEMS.wrong;
  return text(fill(words, { title: named.title.zh }).zh, fill(words, { title: named.title.en }).en);
}
