import { attributes, classNames, type Html, html } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";

export interface InsetTextOptions extends Styled {
  readonly text?: Content | undefined;
  readonly id?: string | undefined;
}

export function insetText(options: InsetTextOptions): Html {
  const own = attributes({
    id: options.id || undefined,
    class: classNames("govuk-inset-text", options.classes),
    ...options.attributes,
  });
  return html`<div${own}>${options.text}</div>`;
}
