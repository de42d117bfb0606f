import { attributes, classNames, type Html, html } from "#lib/html/html";
import { type FieldOptions, fieldParts, formGroup } from "#ui/components/form-group/form-group";
import type { Styled } from "#ui/components/options";

export interface TextareaOptions extends FieldOptions, Styled {
  readonly value?: string | null | undefined;
  readonly rows?: number | string | undefined;
  readonly disabled?: boolean | undefined;
  readonly spellcheck?: boolean | undefined;
  readonly autocomplete?: string | undefined;
}

export function textarea(options: TextareaOptions): Html {
  const id = options.id || options.name;
  const parts = fieldParts(id, options);
  const own = attributes({
    class: classNames("govuk-textarea", options.errorMessage && "govuk-textarea--error", options.classes),
    id,
    name: options.name,
    rows: options.rows || 5,
    spellcheck: typeof options.spellcheck === "boolean" ? String(options.spellcheck) : undefined,
    disabled: options.disabled,
    "aria-describedby": parts.describedBy,
    autocomplete: options.autocomplete || undefined,
    ...options.attributes,
  });
  const { beforeInput, afterInput } = options.formGroup ?? {};
  // A parser drops one line feed after the tag; without ours it would drop the person's.
  const guard = options.value?.startsWith("\n") ? "\n" : "";
  return formGroup(
    options,
    html`${parts.before}${beforeInput}<textarea${own}>${guard}${options.value}</textarea>${afterInput}`,
  );
}
