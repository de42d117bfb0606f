import { type Attributes, attributes, classNames, type Html, html } from "#lib/html/html";
import { type FieldOptions, fieldParts, formGroup } from "#ui/components/form-group/form-group";
import { isPresent, type Maybe, type Styled } from "#ui/components/options";

export interface SelectItem {
  readonly text?: string | undefined;
  readonly value?: string | number | null | undefined;
  readonly selected?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface SelectOptions extends FieldOptions, Styled {
  readonly items: readonly Maybe<SelectItem>[];
  readonly value?: string | number | null | undefined;
  readonly disabled?: boolean | undefined;
}

export function select(options: SelectOptions): Html {
  const id = options.id || options.name;
  const parts = fieldParts(id, options);
  const own = attributes({
    class: classNames("govuk-select", options.classes, options.errorMessage && "govuk-select--error"),
    id,
    name: options.name,
    disabled: options.disabled,
    "aria-describedby": parts.describedBy,
    ...options.attributes,
  });
  const { beforeInput, afterInput } = options.formGroup ?? {};
  const choices = (options.items ?? []).filter(isPresent).map((item) => choice(item, options.value));
  return formGroup(options, html`${parts.before}${beforeInput}<select${own}>${choices}</select>${afterInput}`);
}

function choice(item: SelectItem, value: SelectOptions["value"]): Html {
  const chosen = Boolean(value) && String(item.value ?? item.text) === String(value) && item.selected !== false;
  return html`<option${attributes({
    value: item.value === undefined ? undefined : String(item.value ?? ""),
    selected: item.selected || chosen,
    disabled: item.disabled,
    ...item.attributes,
  })}>${item.text}</option>`;
}
