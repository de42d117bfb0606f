import { attributes, classNames, type Html, html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { type Content, type Spoken, type Styled, say } from "#ui/components/options";

export interface WarningTextOptions extends Styled, Spoken {
  readonly text?: Content | undefined;
  readonly iconFallbackText?: string | undefined;
}

const WARNING = text("警告", "Warning");

export function warningText(options: WarningTextOptions): Html {
  const own = attributes({ class: classNames("govuk-warning-text", options.classes), ...options.attributes });
  const fallback = options.iconFallbackText || say(WARNING, options.language);
  return html`<div${own}><span class="govuk-warning-text__icon" aria-hidden="true">!</span><strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">${fallback}</span>${options.text}</strong></div>`;
}
