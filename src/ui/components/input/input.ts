import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import { type FieldOptions, fieldParts, formGroup } from "#ui/components/form-group/form-group";
import type { Content, Styled } from "#ui/components/options";

export interface AffixOptions extends Styled {
  readonly text?: Content | undefined;
}

export interface InputOptions extends FieldOptions, Styled {
  readonly value?: string | number | null | undefined;
  readonly type?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly spellcheck?: boolean | undefined;
  readonly autocomplete?: string | undefined;
  readonly autocapitalize?: string | undefined;
  readonly pattern?: string | undefined;
  readonly inputmode?: string | undefined;
  readonly prefix?: AffixOptions | undefined;
  readonly suffix?: AffixOptions | undefined;
  readonly inputWrapper?: Styled | undefined;
}

export function input(options: InputOptions): Html {
  const id = options.id || options.name;
  const parts = fieldParts(id, options);
  const element = html`<input${attributes({
    class: classNames("govuk-input", options.classes, options.errorMessage && "govuk-input--error"),
    id,
    name: options.name,
    type: options.type || "text",
    spellcheck: typeof options.spellcheck === "boolean" ? String(options.spellcheck) : undefined,
    value: options.value,
    disabled: options.disabled,
    "aria-describedby": parts.describedBy,
    autocomplete: options.autocomplete,
    autocapitalize: options.autocapitalize,
    pattern: options.pattern,
    inputmode: options.inputmode,
    ...options.attributes,
  })}>`;
  return formGroup(options, html`${parts.before}${wrapped(options, element)}`);
}

function wrapped(options: InputOptions, element: Html): Html {
  const { beforeInput, afterInput } = options.formGroup ?? {};
  if (!beforeInput && !afterInput && !options.prefix?.text && !options.suffix?.text) return element;
  const own = attributes({
    class: classNames("govuk-input__wrapper", options.inputWrapper?.classes),
    ...options.inputWrapper?.attributes,
  });
  return html`<div${own}>${beforeInput}${affix("prefix", options.prefix)}${element}${affix("suffix", options.suffix)}${afterInput}</div>`;
}

function affix(side: "prefix" | "suffix", options: AffixOptions | undefined): Html {
  if (!options?.text) return NOTHING;
  const own = attributes({
    class: classNames(`govuk-input__${side}`, options.classes),
    "aria-hidden": "true",
    ...options.attributes,
  });
  return html`<div${own}>${options.text}</div>`;
}
