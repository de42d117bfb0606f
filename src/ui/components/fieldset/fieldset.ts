import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";

export interface LegendOptions {
  readonly text?: Content | undefined;
  readonly classes?: string | undefined;
  readonly isPageHeading?: boolean | undefined;
}

export interface FieldsetOptions extends Styled {
  readonly legend?: LegendOptions | undefined;
  readonly describedBy?: string | undefined;
  readonly role?: string | undefined;
  /** What the fieldset holds. */
  readonly text?: Content | undefined;
}

export function fieldset(options: FieldsetOptions): Html {
  const own = attributes({
    class: classNames("govuk-fieldset", options.classes),
    role: options.role || undefined,
    "aria-describedby": options.describedBy || undefined,
    ...options.attributes,
  });
  return html`<fieldset${own}>${legend(options.legend)}${options.text}</fieldset>`;
}

function legend(options: LegendOptions | undefined): Html {
  if (!options?.text) return NOTHING;
  const title = options.isPageHeading
    ? html`<h1 class="govuk-fieldset__heading">${options.text}</h1>`
    : html`${options.text}`;
  return html`<legend class="${classNames("govuk-fieldset__legend", options.classes)}">${title}</legend>`;
}
