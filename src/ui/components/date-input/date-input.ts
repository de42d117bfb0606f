import { type Attributes, attributes, classNames, type Html, html } from "#lib/html/html";
import { type FieldsetOptions, fieldset } from "#ui/components/fieldset/fieldset";
import { type ChoicesOptions, fieldParts, formGroup } from "#ui/components/form-group/form-group";
import { input } from "#ui/components/input/input";
import { isPresent, type Maybe } from "#ui/components/options";

export interface DateInputItem {
  readonly name?: string | undefined;
  readonly id?: string | undefined;
  readonly label?: string | undefined;
  readonly value?: string | number | undefined;
  readonly classes?: string | undefined;
  readonly error?: boolean | undefined;
  readonly inputmode?: string | undefined;
  readonly autocomplete?: string | undefined;
  readonly pattern?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface DateInputOptions extends Omit<ChoicesOptions, "name" | "idPrefix"> {
  readonly id?: string | undefined;
  readonly namePrefix?: string | undefined;
  readonly items?: readonly Maybe<DateInputItem>[] | undefined;
  readonly values?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly day?: DateInputItem | undefined;
  readonly month?: DateInputItem | undefined;
  readonly year?: DateInputItem | undefined;
  readonly fieldset?: FieldsetOptions | undefined;
}

const ERROR_CLASS = "govuk-input--error";

/** Day, month and year in boxes of their own. For Chinese, pass `items` in the order year, month, day. */
export function dateInput(options: DateInputOptions): Html {
  const parts = fieldParts(options.id, { ...options, label: undefined, describedBy: options.fieldset?.describedBy });
  const named = namedItems(options);
  const items = options.items?.length ? options.items : [named.day, named.month, named.year];
  const anyHasError = items.some((item) => isPresent(item) && hasError(item));
  const own = attributes({
    class: classNames("govuk-date-input", options.classes),
    ...options.attributes,
    id: options.id || undefined,
  });
  const { beforeInputs, afterInputs } = options.formGroup ?? {};
  const boxes = items.map((item) => isPresent(item) && box({ options, item, named, anyHasError }));
  const inner = html`${parts.before}<div${own}>${beforeInputs}${boxes}${afterInputs}</div>`;
  return formGroup(
    options,
    options.fieldset
      ? fieldset({ ...options.fieldset, describedBy: parts.describedBy, role: "group", text: inner })
      : inner,
  );
}

type Named = Readonly<Record<"day" | "month" | "year", DateInputItem>>;

function namedItems({ day, month, year, values }: DateInputOptions): Named {
  return {
    day: day ?? { name: "day", value: values?.["day"], classes: "govuk-input--width-2" },
    month: month ?? { name: "month", value: values?.["month"], classes: "govuk-input--width-2" },
    year: year ?? { name: "year", value: values?.["year"], classes: "govuk-input--width-4" },
  };
}

function hasError(item: DateInputItem): boolean {
  return item.error === true || (item.classes?.includes(ERROR_CLASS) ?? false);
}

interface BoxPlace {
  readonly options: DateInputOptions;
  readonly item: DateInputItem;
  readonly named: Named;
  readonly anyHasError: boolean;
}

function box({ options, item, named, anyHasError }: BoxPlace): Html {
  const unit = unitOf(item, named);
  const name = item.name ?? unit ?? "";
  const value = item.value ?? (unit ? named[unit].value : undefined);
  const marked = hasError(item) || (item.error !== false && Boolean(options.errorMessage) && !anyHasError);
  const fullName = options.namePrefix ? `${options.namePrefix}-${name}` : name;
  return html`<div class="govuk-date-input__item">${input({
    label: {
      text: item.label || name.charAt(0).toUpperCase() + name.slice(1).toLowerCase(),
      classes: "govuk-date-input__label",
    },
    id: item.id || `${options.id ?? ""}-${name}`,
    classes: classNames(
      "govuk-date-input__input",
      marked && !item.classes?.includes(ERROR_CLASS) && ERROR_CLASS,
      !item.classes?.includes("govuk-input--width-") && `govuk-input--width-${unit === "year" ? 4 : 2}`,
      item.classes,
    ),
    name: fullName,
    value: value ?? options.values?.[fullName],
    type: "text",
    inputmode: item.inputmode || "numeric",
    autocomplete: item.autocomplete,
    pattern: item.pattern,
    attributes: item.attributes,
  })}</div>`;
}

function unitOf(item: DateInputItem, named: Named): keyof Named | undefined {
  for (const unit of ["day", "month", "year"] as const) {
    if (item === named[unit] || (item.name && (item.name === unit || item.name === named[unit].name))) return unit;
  }
  return undefined;
}
