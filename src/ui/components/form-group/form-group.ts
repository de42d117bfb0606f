import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import { type ErrorMessageOptions, errorMessage } from "#ui/components/error-message/error-message";
import { type HintOptions, hint } from "#ui/components/hint/hint";
import { type LabelOptions, label } from "#ui/components/label/label";
import { type Content, described, type Spoken, type Styled } from "#ui/components/options";

export interface FormGroupOptions extends Styled {
  readonly beforeInput?: Content | undefined;
  readonly afterInput?: Content | undefined;
  readonly beforeInputs?: Content | undefined;
  readonly afterInputs?: Content | undefined;
}

/** What every field has around its control. Label, hint and error may be given as bare text. */
export interface FieldOptions extends Spoken {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly label?: Content | LabelOptions | undefined;
  readonly hint?: Content | HintOptions | undefined;
  readonly errorMessage?: Content | ErrorMessageOptions | undefined;
  readonly describedBy?: string | undefined;
  readonly formGroup?: FormGroupOptions | undefined;
}

/** What a group of controls (radios, checkboxes, a date) has around it. */
export interface ChoicesOptions extends Styled, Spoken {
  readonly name?: string | undefined;
  readonly idPrefix?: string | undefined;
  readonly hint?: Content | HintOptions | undefined;
  readonly errorMessage?: Content | ErrorMessageOptions | undefined;
  readonly formGroup?: FormGroupOptions | undefined;
}

/** Label, hint and error of a field, and the ids that describe its control. */
export interface FieldParts {
  readonly before: Html;
  readonly describedBy: string | undefined;
}

export function fieldParts(id: string | undefined, options: FieldOptions): FieldParts {
  const describedBy = classNames(
    options.describedBy,
    options.hint && `${id ?? ""}-hint`,
    options.errorMessage && `${id ?? ""}-error`,
  );
  const before = html`${options.label ? label({ ...asOptions(options.label), for: id }) : NOTHING}${
    options.hint ? hint({ ...asOptions(options.hint), id: `${id ?? ""}-hint` }) : NOTHING
  }${
    options.errorMessage
      ? errorMessage({ language: options.language, ...asOptions(options.errorMessage), id: `${id ?? ""}-error` })
      : NOTHING
  }`;
  return { before, describedBy: describedBy || undefined };
}

/** The group that holds a field and marks its error. */
export function formGroup(options: Pick<FieldOptions, "formGroup" | "errorMessage">, inner: Html): Html {
  const own = attributes({
    class: classNames(
      "govuk-form-group",
      options.errorMessage && "govuk-form-group--error",
      options.formGroup?.classes,
    ),
    ...options.formGroup?.attributes,
  });
  return html`<div${own}>${inner}</div>`;
}

function asOptions<Options extends { readonly text?: Content | undefined }>(given: Content | Options): Options {
  return described(given as Content) as unknown as Options;
}
