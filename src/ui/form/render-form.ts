import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { characterCount } from "#ui/components/character-count/character-count";
import { checkboxes } from "#ui/components/checkboxes/checkboxes";
import { dateInput } from "#ui/components/date-input/date-input";
import { errorSummary } from "#ui/components/error-summary/error-summary";
import { fileUpload } from "#ui/components/file-upload/file-upload";
import { type FormStep, formSteps } from "#ui/components/form-steps/form-steps";
import { type InputOptions, input } from "#ui/components/input/input";
import type { Content } from "#ui/components/options";
import { radios } from "#ui/components/radios/radios";
import { select } from "#ui/components/select/select";
import { textarea } from "#ui/components/textarea/textarea";
import {
  controlId,
  controlName,
  DATE_PARTS,
  type DatePart,
  type FieldDescriptor,
  type FormErrors,
  type FormValues,
  NO,
  YES,
} from "#ui/form/descriptor";
import { WORDS } from "#ui/form/words";

export interface FormContext {
  readonly language: Language;
  readonly values?: FormValues | undefined;
  readonly errors?: FormErrors | undefined;
  readonly prefix?: string | undefined;
}

/** All fields of a form, in order. */
export function renderForm(fields: readonly FieldDescriptor[], context: FormContext): Html {
  return html`${fields.map((field) => renderField(field, context))}`;
}

interface FieldPlace extends FormContext {
  /** Whether the field's title is the page's heading, as when a page asks one thing. */
  readonly isPageHeading?: boolean | undefined;
}

export function renderField(field: FieldDescriptor, place: FieldPlace): Html {
  switch (field.kind) {
    case "radios":
      return radioGroup(field, place, choices(field, place.language));
    case "boolean":
      return radioGroup(field, place, yesAndNo(place.language));
    case "checkboxes":
      return checkboxes({ ...group(field, place), items: choices(field, place.language), values: many(field, place) });
    case "select":
      return select({ ...single(field, place), items: selectItems(field, place.language), value: one(field, place) });
    case "date":
      return date(field, place);
    case "file":
      return fileUpload(single(field, place));
    case "textarea": {
      const common = { ...single(field, place), value: one(field, place), ...readonlyAttributes(field) };
      return field.maxLength ? characterCount({ ...common, maxlength: field.maxLength }) : textarea(common);
    }
    default:
      return input({
        ...single(field, place),
        value: one(field, place),
        ...lookOf(field, place.language),
        ...readonlyAttributes(field),
      });
  }
}

function single(field: FieldDescriptor, { language, errors, prefix, isPageHeading }: FieldPlace) {
  return {
    language,
    id: controlId(field.name, prefix),
    name: controlName(field.name, prefix),
    label: { text: titleOf(field, language), isPageHeading, classes: isPageHeading ? "govuk-label--l" : undefined },
    hint: field.hint?.[language],
    errorMessage: errors?.[field.name]?.[language],
    autocomplete: field.autocomplete,
  };
}

function group(field: FieldDescriptor, place: FieldPlace) {
  const { label, id, autocomplete: _, ...rest } = single(field, place);
  const classes = place.isPageHeading ? "govuk-fieldset__legend--l" : undefined;
  return {
    ...rest,
    idPrefix: id,
    fieldset: { legend: { text: label.text, isPageHeading: place.isPageHeading, classes } },
  };
}

function titleOf(field: FieldDescriptor, language: Language): string {
  return field.required ? field.title[language] : field.title[language] + WORDS.optional[language];
}

function radioGroup(field: FieldDescriptor, place: FieldPlace, items: ReturnType<typeof choices>): Html {
  const classes = field.kind === "boolean" ? "govuk-radios--inline" : undefined;
  return radios({ ...group(field, place), items, value: one(field, place), classes });
}

function choices(field: FieldDescriptor, language: Language) {
  return (field.options ?? []).map((choice) => ({
    value: choice.value,
    text: choice.title[language],
    hint: choice.hint ? { text: choice.hint[language] } : undefined,
  }));
}

function yesAndNo(language: Language): ReturnType<typeof choices> {
  return [
    { value: YES, text: WORDS.yes[language], hint: undefined },
    { value: NO, text: WORDS.no[language], hint: undefined },
  ];
}

function selectItems(field: FieldDescriptor, language: Language) {
  return [{ value: "", text: WORDS.choose[language] }, ...choices(field, language)];
}

/** Chinese dates begin with the year. */
const DATE_ORDER: Readonly<Record<Language, readonly DatePart[]>> = { zh: DATE_PARTS, en: ["day", "month", "year"] };

function date(field: FieldDescriptor, place: FieldPlace): Html {
  const { idPrefix, name, ...options } = group(field, place);
  const kept = dateValues(field, place.values);
  return dateInput({
    ...options,
    id: idPrefix,
    items: DATE_ORDER[place.language].map((part) => ({
      name: `${name}-${part}`,
      id: `${idPrefix}-${part}`,
      label: WORDS[part][place.language],
      value: kept[part],
      classes: part === "year" ? "govuk-input--width-4" : "govuk-input--width-2",
    })),
  });
}

function dateValues(
  field: FieldDescriptor,
  values: FormValues | undefined,
): Readonly<Record<DatePart, string | undefined>> {
  const whole = values?.[field.name];
  const [year, month, day] = typeof whole === "string" ? whole.split("-") : [];
  const typed = (part: DatePart) => values?.[`${field.name}-${part}`] as string | undefined;
  return {
    year: typed("year") ?? year,
    month: typed("month") ?? month?.replace(/^0/, ""),
    day: typed("day") ?? day?.replace(/^0/, ""),
  };
}

/** How the kinds of one-line text differ. */
function lookOf(field: FieldDescriptor, language: Language): Partial<InputOptions> {
  switch (field.kind) {
    case "number":
      return { inputmode: "decimal", classes: "govuk-input--width-10" };
    case "money":
      return { inputmode: "decimal", classes: "govuk-input--width-10", suffix: { text: WORDS.yuan[language] } };
    case "mobile":
      return {
        type: "tel",
        inputmode: "tel",
        autocomplete: field.autocomplete ?? "tel",
        classes: "govuk-input--width-20",
      };
    case "identity-number":
      return { spellcheck: false, autocapitalize: "characters", classes: "govuk-input--width-20 zt-mono" };
    default:
      return field.maxLength !== undefined && field.maxLength <= 20 ? { classes: "govuk-input--width-20" } : {};
  }
}

function readonlyAttributes(field: FieldDescriptor) {
  return field.readonly ? { attributes: { readonly: true } } : {};
}

function one(field: FieldDescriptor, { values }: FieldPlace): string | undefined {
  const value = values?.[field.name];
  return typeof value === "string" ? value : value?.[0];
}

function many(field: FieldDescriptor, { values }: FieldPlace): readonly string[] {
  const value = values?.[field.name];
  return typeof value === "string" ? [value] : (value ?? []);
}

/** What a record holds, as its form shows it. */
export function formValues(fields: readonly FieldDescriptor[], record: Readonly<Record<string, unknown>>): FormValues {
  const values: Record<string, string | readonly string[]> = {};
  for (const { name } of fields) {
    const value = record[name];
    if (value === undefined || value === null) continue;
    if (typeof value === "boolean") values[name] = value ? YES : NO;
    else values[name] = Array.isArray(value) ? value.map(String) : String(value);
  }
  return values;
}

/** All that is wrong, each linked to its field; nothing when nothing is. */
export function formErrorSummary(fields: readonly FieldDescriptor[], { language, errors, prefix }: FormContext): Html {
  const wrong = Object.entries(errors ?? {});
  if (wrong.length === 0) return NOTHING;
  const title = wrong.length === 1 ? WORDS.problem[language] : fill(WORDS.problems, { count: wrong.length })[language];
  const rank = (name: string) => fields.findIndex((field) => field.name === name);
  const ordered = wrong.sort(([first], [second]) => rank(first) - rank(second));
  return errorSummary({
    title,
    errorList: ordered.map(([name, error]) => ({
      text: error[language],
      href: anchor(fields, name, { language, prefix }),
    })),
  });
}

function anchor(
  fields: readonly FieldDescriptor[],
  name: string,
  { language, prefix }: FormContext,
): string | undefined {
  const field = fields.find((candidate) => candidate.name === name);
  if (!field) return undefined;
  const id = controlId(name, prefix);
  return field.kind === "date" ? `#${id}-${DATE_ORDER[language][0]}` : `#${id}`;
}

export interface FormPage extends FormContext {
  readonly title: Content;
  readonly caption?: Content | undefined;
  readonly lead?: Content | undefined;
  readonly fields: readonly FieldDescriptor[];
  readonly action: string;
  /** The hidden field against forged requests. */
  readonly token: Html;
  readonly submit?: Text | undefined;
  /** Buttons beside the first: save and come back later. */
  readonly otherActions?: Content | undefined;
  readonly steps?: readonly FormStep[] | undefined;
  /** Stands between the heading and the fields: prefilled facts, a warning. */
  readonly before?: Html | undefined;
  /** Stands after the fields. */
  readonly after?: Html | undefined;
}

/** A page that asks. With one field alone, the field's title is the heading. */
export function formPage(page: FormPage): Html {
  const { language, fields } = page;
  const [only] = fields;
  const asksOneThing =
    fields.length === 1 && only !== undefined && page.before === undefined && page.lead === undefined;
  const heading = asksOneThing
    ? NOTHING
    : html`<div class="zt-heading">${page.caption && html`<p class="zt-heading__caption">${page.caption}</p>`}<h1>${page.title}</h1>${page.lead && html`<p class="zt-heading__lead">${page.lead}</p>`}</div>`;
  const body = asksOneThing ? renderField(only, { ...page, isPageHeading: true }) : renderForm(fields, page);
  return html`${formErrorSummary(fields, page)}${page.steps ? formSteps({ language, steps: page.steps }) : NOTHING}${heading}${page.before ?? NOTHING}${formElement(page, body)}`;
}

function formElement(page: FormPage, body: Html): Html {
  const actions = html`<div class="zt-actions">${button({ text: (page.submit ?? WORDS.submit)[page.language], preventDoubleClick: true })}${page.otherActions}</div>`;
  const inner = html`${page.token}${body}${page.after ?? NOTHING}${actions}`;
  // Our own messages are in the reader's language and stay on the page, so the browser's are switched off.
  return page.fields.some((field) => field.kind === "file")
    ? html`<form action="${page.action}" method="post" enctype="multipart/form-data" novalidate>${inner}</form>`
    : html`<form action="${page.action}" method="post" novalidate>${inner}</form>`;
}
