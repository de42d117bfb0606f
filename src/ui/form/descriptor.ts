import type { Text } from "#lib/language/text";

/** How a form asks for a datum. The kernel derives these from a contract's schema; forms know nothing else of it. */
export type FieldKind =
  | "text"
  | "textarea"
  | "number"
  | "date"
  | "radios"
  | "checkboxes"
  | "select"
  | "boolean"
  | "file"
  | "identity-number"
  | "mobile"
  | "money";

export interface FieldChoice {
  readonly value: string;
  readonly title: Text;
  readonly hint?: Text | undefined;
}

export interface FieldDescriptor {
  readonly name: string;
  readonly title: Text;
  readonly hint?: Text | undefined;
  readonly kind: FieldKind;
  /** For radios, checkboxes and select. */
  readonly options?: readonly FieldChoice[] | undefined;
  readonly required: boolean;
  /** In characters. */
  readonly maxLength?: number | undefined;
  /** The browser's own knowledge of its user (HTML, "autofill"). */
  readonly autocomplete?: string | undefined;
  /** Shown and never accepted back. */
  readonly readonly?: boolean | undefined;
}

/** What a person typed, by the name of the control; kept as it was, right or wrong. */
export type FormValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What is wrong, by the name of the field. */
export type FormErrors = Readonly<Record<string, Text>>;

/** A text longer than this is refused before anything reads it. */
export const FIELD_LENGTH_AT_MOST = 10_000;
/** More ticks than this in one group are refused. */
export const CHOICES_AT_MOST = 200;

/** What asks yes or no sends these. */
export const YES = "yes";
export const NO = "no";

export const DATE_PARTS = ["year", "month", "day"] as const;
export type DatePart = (typeof DATE_PARTS)[number];

/** The name of a control: a form within a form has a prefix. */
export function controlName(name: string, prefix: string | undefined): string {
  return prefix ? `${prefix}.${name}` : name;
}

/** The id of a control; a dot would have to be escaped in a selector. */
export function controlId(name: string, prefix: string | undefined): string {
  return controlName(name, prefix).replaceAll(".", "-");
}
