import { attributes, classNames, type Html, html } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";

export interface HintOptions extends Styled {
  readonly text?: Content | undefined;
  readonly id?: string | undefined;
}

export function hint(options: HintOptions): Html {
  const own = attributes({
    id: options.id || undefined,
    class: classNames("govuk-hint", options.classes),
    ...options.attributes,
  });
  return html`<div${own}>${options.text}</div>`;
}
