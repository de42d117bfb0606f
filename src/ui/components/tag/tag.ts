import { attributes, classNames, type Html, html } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";

export interface TagOptions extends Styled {
  readonly text?: Content | undefined;
}

/** A status in words. Colours: `zt-tag--wait`, `zt-tag--bad`, `zt-tag--quiet`; jade otherwise. */
export function tag(options: TagOptions): Html {
  const own = attributes({ class: classNames("govuk-tag", options.classes), ...options.attributes });
  return html`<strong${own}>${options.text}</strong>`;
}
