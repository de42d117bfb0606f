import { attributes, classNames, type Html, html } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";

export interface DetailsOptions extends Styled {
  readonly summary: Content;
  readonly text?: Content | undefined;
  readonly id?: string | undefined;
  readonly open?: boolean | undefined;
}

export function details(options: DetailsOptions): Html {
  const own = attributes({
    id: options.id || undefined,
    class: classNames("govuk-details", options.classes),
    ...options.attributes,
    open: options.open,
  });
  return html`<details${own}><summary class="govuk-details__summary"><span class="govuk-details__summary-text">${options.summary}</span></summary><div class="govuk-details__text">${options.text}</div></details>`;
}
