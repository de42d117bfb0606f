import { attributes, classNames, type Html, html, NOTHING, trusted } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";

export interface ButtonOptions extends Styled {
  readonly text?: Content | undefined;
  /** With an address the button is a link; without, it submits its form. */
  readonly href?: string | undefined;
  readonly type?: "submit" | "button" | "reset" | undefined;
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  readonly id?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly isStartButton?: boolean | undefined;
  readonly preventDoubleClick?: boolean | undefined;
}

const START_ICON = trusted(
  '<svg class="govuk-button__start-icon" xmlns="http://www.w3.org/2000/svg" width="17.5" height="19" viewBox="0 0 33 40" aria-hidden="true" focusable="false"><path fill="currentColor" d="M0 0h13l20 20-20 20H0l20-20z"/></svg>',
);

/** A button that submits, or a link that begins something. */
export function button(options: ButtonOptions): Html {
  const common = attributes({
    class: classNames("govuk-button", options.classes, options.isStartButton && "govuk-button--start"),
    "data-module": "govuk-button",
    ...options.attributes,
    id: options.id || undefined,
  });
  const icon = options.isStartButton ? START_ICON : NOTHING;
  const wrapped = options.isStartButton && typeof options.text === "object";
  const label = wrapped ? html`<span>${options.text}</span>` : html`${options.text}`;
  if (options.href) return html`<a href="${options.href}" role="button" draggable="false"${common}>${label}${icon}</a>`;
  const own = attributes({
    type: options.type || "submit",
    value: options.value || undefined,
    name: options.name || undefined,
    disabled: options.disabled,
    "aria-disabled": options.disabled ? "true" : undefined,
    "data-prevent-double-click":
      options.preventDoubleClick === undefined ? undefined : String(options.preventDoubleClick),
  });
  return html`<button${own}${common}>${label}${icon}</button>`;
}
