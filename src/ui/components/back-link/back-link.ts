import { attributes, classNames, type Html, html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { type Content, type Spoken, type Styled, say } from "#ui/components/options";

export interface BackLinkOptions extends Styled, Spoken {
  readonly text?: Content | undefined;
  readonly href?: string | undefined;
}

const BACK = text("返回", "Back");

export function backLink(options: BackLinkOptions): Html {
  const own = attributes({
    href: options.href || "#",
    class: classNames("govuk-back-link", options.classes),
    ...options.attributes,
  });
  return html`<a${own}>${options.text || say(BACK, options.language)}</a>`;
}
