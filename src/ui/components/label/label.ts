import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";

export interface LabelOptions extends Styled {
  readonly text?: Content | undefined;
  readonly for?: string | undefined;
  readonly isPageHeading?: boolean | undefined;
}

export function label(options: LabelOptions): Html {
  if (!options.text) return NOTHING;
  const own = attributes({
    class: classNames("govuk-label", options.classes),
    ...options.attributes,
    for: options.for || undefined,
  });
  const inner = html`<label${own}>${options.text}</label>`;
  return options.isPageHeading ? html`<h1 class="govuk-label-wrapper">${inner}</h1>` : inner;
}
