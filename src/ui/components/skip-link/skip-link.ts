import { attributes, classNames, type Html, html } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";

export interface SkipLinkOptions extends Styled {
  readonly text?: Content | undefined;
  readonly href?: string | undefined;
}

export function skipLink(options: SkipLinkOptions): Html {
  const own = attributes({
    href: options.href || "#content",
    class: classNames("govuk-skip-link", options.classes),
    ...options.attributes,
    "data-module": "govuk-skip-link",
  });
  return html`<a${own}>${options.text}</a>`;
}
